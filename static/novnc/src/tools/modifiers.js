// Buttons of keys that are held for others, and what lets go of them.
import { Sticky } from "../keyboard/sticky.js";
import { make } from "./dom.js";

// `button` makes one, `keys` are of row.js. Returns { buttons, any, undo }: `any` tells whether one is
// held, and `undo` lets go of all.
export function modifiers(hands, button, keys) {
  const sticky = new Sticky();
  const shown = new Map();
  const over = new AbortController();
  const show = () => {
    for (const [text, node] of shown) {
      const state = sticky.state(text);
      node.setAttribute("aria-pressed", state !== "off");
      node.querySelector(".locked").hidden = state !== "locked";
    }
  };
  const hold = ({ text, keys }, down) => {
    for (const [code, keysym] of down ? keys : [...keys].reverse()) {
      hands.key(keysym, code, down, `row ${text}`);
    }
  };
  const letGo = (names) => {
    for (const modifier of keys) if (names.includes(modifier.text)) hold(modifier, false);
    show();
  };
  const buttons = keys.map((modifier) => {
    const { text, hint } = modifier;
    const node = button({ text, hint }, () => {
      const state = sticky.press(text);
      if (state !== "locked") hold(modifier, state === "once");
      show();
    });
    const locked = make("span", { class: "locked", text: "keys.locked" });
    node.append(locked);
    shown.set(text, node);
    return node;
  });
  show();
  hands.addEventListener("pressed", () => letGo(sticky.used()), { signal: over.signal });
  hands.addEventListener("released", () => letGo(sticky.clear()), { signal: over.signal });
  const undo = () => {
    over.abort();
    letGo(sticky.clear());
  };
  const any = () => keys.some(({ text }) => sticky.state(text) !== "off");
  return { buttons, any, undo };
}
