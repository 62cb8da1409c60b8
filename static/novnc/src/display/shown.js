// What is to be said of the screen that is shown.

// ExtendedDesktopSize's status: the server has passed the wish on to the machine.
const PASSED_ON = 4;

// Whether there is more of the picture than is seen, so that it can be moved.
export function overflows(desk) {
  const around = desk.canvas?.parentElement;
  if (!around || desk.choices.get("size") !== "off") return false;
  return around.scrollWidth > around.clientWidth || around.scrollHeight > around.clientHeight;
}

// The key of what became of the wish for another size; nothing where it was granted.
export function matchNote({ choices, rfb }) {
  if (choices.get("size") !== "remote" || !rfb) return "";
  if (choices.get("viewOnly")) return "match-looking";
  if (rfb.resized === undefined) return "match-never";
  if (!rfb.resized) return "";
  return rfb.resized === PASSED_ON ? "match-asked" : "match-refused";
}
