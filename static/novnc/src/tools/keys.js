// Keys that a browser or its system keeps for itself, or that a phone does not have.
import english from "../languages/en/keys.json";
import { canCapture, capture, captures } from "../keyboard/capture.js";
import { handsOf } from "../keyboard/hands.js";
import { FUNCTIONS, MODIFIERS, OTHERS } from "../keyboard/row.js";
import { composing } from "./compose.js";
import { make, speak } from "./dom.js";
import css from "./keys.css";
import { choosingLayout } from "./layout.js";
import { modifiers } from "./modifiers.js";
import { rove } from "./roving.js";

export const title = "tool.keys";

const WHY_NOT = { browser: "keys.capture.browser", insecure: "keys.capture.insecure" };

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets.push(sheet);

export function open(desk, box) {
  desk.words.learn(english);
  const hands = handsOf(desk);

  // A key that is pressed with a pointer does not take the focus away; where that is at the bar
  // still, it goes to the machine. Who came by keyboard stays.
  const keepFocus = (event) => event.preventDefault();
  const press = (act) => (event) => {
    if (desk.rfb && !desk.rfb.viewOnly) act();
    const { activeElement } = document;
    const isAtWork = desk.screen.contains(activeElement) || activeElement?.matches("input, textarea");
    if (event.detail > 0 && !isAtWork) desk.focus();
  };
  const button = ({ text, sign, ...attributes }, act) =>
    make(
      "button",
      { type: "button", onmousedown: keepFocus, onclick: press(act), ...attributes },
      ...(sign ? [make("span", text ? { "aria-hidden": "true" } : {}, sign)] : []),
      ...(text ? [make("span", { text, ...(sign ? { class: "unseen" } : {}) })] : []),
    );
  const toolbar = (label, buttons) => {
    const bar = make("div", { role: "toolbar", label }, ...buttons);
    rove(bar);
    return bar;
  };

  const { buttons, undo } = modifiers(hands, button, MODIFIERS);
  const tap = ({ key: [code, keysym], ...shown }) => button(shown, () => hands.key(keysym, code));
  const cad = button({ text: "keys.cad", hint: "keys.cad.hint", id: "cad" }, () => {
    desk.rfb?.sendCtrlAltDel();
  });
  box.append(
    toolbar("keys.modifiers", buttons),
    toolbar("keys.functions", FUNCTIONS.map(tap)),
    toolbar("keys.others", OTHERS.map(tap)),
    make("div", { class: "last" }, composing(desk), choosingLayout(desk), capturing(desk), cad),
  );
  if (!document.activeElement?.matches(":focus-visible")) desk.focus();
  const quiet = speak(desk, box);
  return () => {
    undo();
    quiet();
  };
}

// Whether all keys go to the machine in full screen, or why that cannot be.
function capturing(desk) {
  const possible = canCapture();
  if (possible !== "yes") return make("p", { class: "capture", text: WHY_NOT[possible] });
  const node = make("button", {
    type: "button",
    id: "capture",
    class: "capture",
    text: "keys.capture",
    hint: "keys.capture.hint",
    "aria-pressed": `${captures(desk)}`,
    onclick: () => {
      desk.preferences.set("capture", !captures(desk));
      node.setAttribute("aria-pressed", captures(desk));
      capture(desk);
    },
  });
  return node;
}
