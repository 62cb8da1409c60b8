// A toolbar is one stop of the Tab key; arrow keys go from button to button in it.
// https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/
export function rove(toolbar) {
  const buttons = [...toolbar.querySelectorAll("button")];
  const stop = (chosen) => {
    for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1;
  };
  stop(buttons[0]);
  toolbar.addEventListener("focusin", ({ target }) => stop(target));
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const ahead = getComputedStyle(toolbar).direction === "rtl" ? -1 : 1;
    const to = {
      ArrowRight: at + ahead,
      ArrowLeft: at - ahead,
      Home: 0,
      End: buttons.length - 1,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    buttons.at(to % buttons.length).focus();
    event.preventDefault();
  });
}
