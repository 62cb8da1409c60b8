// What is to be said of the screen that is shown.

// ExtendedDesktopSize's status: the server has passed the wish on to the machine.
const PASSED_ON = 4;

// Whether there is more of the picture than is seen, so that it can be moved.
export function overflows(desk) {
  const around = desk.canvas?.parentElement;
  if (!around || desk.choices.get("size") !== "off") return false;
  return around.scrollWidth > around.clientWidth || around.scrollHeight > around.clientHeight;
}

// What the quality comes to, where the buttons alone do not say it.
export function qualityNote({ choices, words }) {
  if (choices.linked) return ["linked", { levels: choices.levels().join("/") }];
  const { measured } = choices;
  if (choices.get("quality") !== "automatic" || measured === "balanced") return "";
  return ["measured", { quality: words.text(`display.${measured}`) }];
}

// The key of what became of the wish for another size; nothing where it was granted.
export function matchNote({ choices, rfb }) {
  if (choices.get("size") !== "remote" || !rfb) return "";
  if (choices.get("viewOnly")) return "match-looking";
  if (rfb.resized === undefined) return "match-never";
  if (!rfb.resized) return "";
  return rfb.resized === PASSED_ON ? "match-asked" : "match-refused";
}
