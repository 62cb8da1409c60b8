// The ways between the bar and the machine's screen by keyboard, and what screen readers say of them.
import { WayOut } from "./modifiers.js";

export function showWays(desk, hands) {
  const { screen } = desk;
  const bar = document.getElementById("bar");
  const out = new WayOut();
  const hint = document.createElement("p");
  hint.id = "way-out";
  hint.hidden = true;
  screen.before(hint);

  const hasBar = document.documentElement.dataset.bar !== "none";
  const way = hasBar ? "keys.way-out" : "keys.way-out.bare";
  // noVNC's canvas has the focus, so it has to have the name; the Tab key leads to it.
  const name = () => {
    hint.textContent = desk.words.text(way);
    const { canvas } = desk;
    if (!desk.rfb) return;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", desk.words.text("screen"));
    canvas.setAttribute("aria-describedby", hint.id);
  };
  for (const type of ["screen", "words"]) desk.addEventListener(type, name);
  name();

  screen.addEventListener("keydown", ({ code }) => out.down(code), { capture: true });
  // A portal that has its own bar has the next Tab key.
  const up = ({ code }) => {
    if (!out.up(code)) return;
    const button = firstButton(bar);
    if (button) button.focus();
    else desk.canvas.blur();
  };
  screen.addEventListener("keyup", up, { capture: true });
  hands.addEventListener("released", () => out.forget());
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) desk.focus();
  });

  // Only who came by keyboard is shown where the keys go: a frame hides some of the picture.
  let byKeyboard = false;
  addEventListener("keydown", () => (byKeyboard = true), { capture: true });
  addEventListener("pointerdown", () => mark((byKeyboard = false)), { capture: true });
  const mark = (on) => screen.toggleAttribute("data-by-keyboard", on);
  screen.addEventListener("focusin", ({ relatedTarget }) => {
    if (!byKeyboard || !relatedTarget || screen.contains(relatedTarget)) return;
    mark(true);
    desk.announce(way);
  });
  screen.addEventListener("focusout", () => mark(false));
}

// Some are there for fingers only, and some are out of reach while a person only looks on.
function firstButton(bar) {
  const buttons = [...bar.querySelectorAll("#actions button:not(:disabled)")];
  return buttons.find((button) => button.checkVisibility());
}
