// A field for this computer's input method: noVNC takes each key as it is pressed, so nothing can be
// composed on the screen itself. What has been composed here is typed into the machine.
import { OTHERS } from "../keyboard/row.js";
import { strike, write } from "../keyboard/writer.js";
import { make } from "./dom.js";

// Keys that compose nothing go to the machine from here, too, but for those that lead out of the field.
const KEYS = new Map([
  ...OTHERS.map(({ key }) => key).filter(([code]) => !["Escape", "Tab", "MetaLeft"].includes(code)),
  ["Enter", 0xff0d],
  ["NumpadEnter", 0xff0d],
  ["Backspace", 0xff08],
]);

// KeyboardEvent.keyCode of a key that an input method takes.
const INPUT_METHOD = 229;

export function composing(desk) {
  const field = make("input", {
    id: "compose",
    hint: "keys.compose.hint",
    autocomplete: "off",
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    onkeydown: (event) => press(event),
    oninput: ({ isComposing }) => isComposing || send(),
    // Some browsers tell of the input before, some after.
    oncompositionend: () => queueMicrotask(send),
  });

  function send() {
    const text = field.value;
    field.value = "";
    if (text) write(desk, text);
  }

  function press(event) {
    const keysym = KEYS.get(event.code);
    const isShortcut = event.ctrlKey || event.altKey || event.metaKey;
    // Safari says of the key that ends a composition that it is none of it, but for its code.
    const isComposing = event.isComposing || event.keyCode === INPUT_METHOD;
    if (!keysym || isShortcut || isComposing || field.value) return;
    event.preventDefault();
    strike(desk, event.code, keysym);
  }

  return make("label", { class: "compose" }, make("span", { text: "keys.compose" }), field);
}
