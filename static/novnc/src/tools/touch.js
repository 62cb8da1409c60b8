// What fingers do on the machine's screen, by buttons: for one finger, for a keyboard, for whoever
// cannot or does not know.
import english from "../languages/en/touch.json";
import { attend } from "../touch/touch.js";
import { make, speak } from "./dom.js";
import css from "./touch.css";

export const title = "tool.touch";

const STEP = 1.25;
const BUTTONS = ["right", "middle"];
const HELP = ["touch.help.tap", "touch.help.hold", "touch.help.drag", "touch.help.one", "touch.help.two", "touch.help.pinch"];
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(css);
document.adoptedStyleSheets.push(STYLE);

export function open(desk, box) {
  desk.words.learn(english);
  const fingers = attend(desk);
  const button = ({ sign, text, ...given }, act) =>
    make(
      "button",
      { type: "button", onclick: act, ...(sign ? { label: text, class: "sign" } : { text }), ...given },
      ...(sign ? [sign] : []),
    );
  const row = (...nodes) => make("div", { class: "touch-row", role: "group" }, ...nodes);
  const times = make("output", { id: "touch-times" });
  const smaller = button({ sign: "−", text: "touch.out", id: "touch-out" }, () => fingers.enlarge(1 / STEP));
  const larger = button({ sign: "+", text: "touch.in", id: "touch-in" }, () => fingers.enlarge(STEP));
  const fit = button({ text: "touch.fit", id: "touch-fit" }, () => fingers.zoom.fit());
  const next = BUTTONS.map((name) =>
    button({ text: `touch.${name}`, hint: "touch.next", id: `touch-${name}` }, () => {
      fingers.button = fingers.button === name ? "left" : name;
    }),
  );
  const wheel = [
    button({ text: "touch.up", id: "touch-up" }, () => fingers.wheel(-1)),
    button({ text: "touch.down", id: "touch-down" }, () => fingers.wheel(1)),
  ];
  const help = make("details", { class: "touch-help" }, make("summary", { text: "touch.help" }));
  help.append(make("ul", {}, ...HELP.map((text) => make("li", { text }))));

  const show = () => {
    const percent = new Intl.NumberFormat(desk.words.language, { style: "percent" });
    times.textContent = percent.format(fingers.zoom.times);
    for (const [at, node] of next.entries()) node.setAttribute("aria-pressed", fingers.button === BUTTONS[at]);
  };
  box.append(row(smaller, times, larger, fit), row(...next), row(...wheel), help);
  show();
  const of = [fingers, fingers.zoom];
  for (const one of of) one.addEventListener("change", show);
  desk.addEventListener("words", show);
  const quiet = speak(desk, box);
  return () => {
    for (const one of of) one.removeEventListener("change", show);
    desk.removeEventListener("words", show);
    quiet();
  };
}
