// The phone's keyboard covers a part of the page. Where the browser does not make the page smaller by
// itself (interactive-widget in vnc.html), this does: the machine's screen is above the keyboard.

// What is less is hardly more than a line and a tool.
const TIGHT_PIXELS = 300;

export function keepAboveKeyboard(seen = visualViewport) {
  const { body, documentElement: root } = document;
  const fit = () => {
    // Who has zoomed into the page sees a part of it: that is no keyboard.
    const covered = seen.scale < 1.01 && innerHeight - seen.height > 1;
    body.style.height = covered ? `${seen.height}px` : "";
    if (covered) scrollTo(0, 0);
    root.classList.toggle("tight", seen.height * seen.scale < TIGHT_PIXELS);
  };
  for (const type of ["resize", "scroll"]) seen.addEventListener(type, fit);
  fit();
}
