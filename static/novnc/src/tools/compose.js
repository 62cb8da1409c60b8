// A field for this computer's input method: noVNC takes each key as it is pressed, so nothing can be
// composed on the screen itself. What has been composed here is typed into the machine.
import { layoutOf } from "../keyboard/choice.js";
import { composed } from "../keyboard/composed.js";
import { loadLayout } from "../keyboard/layouts.js";
import { OTHERS } from "../keyboard/row.js";
import { type } from "../keyboard/typist.js";
import { make } from "./dom.js";

// Keys that compose nothing go to the machine from here, too, but for those that lead out of the field.
const KEYS = new Map([
  ...OTHERS.map(({ key }) => key).filter(([code]) => !["Escape", "Tab", "MetaLeft"].includes(code)),
  ["Enter", 0xff0d],
  ["NumpadEnter", 0xff0d],
  ["Backspace", 0xff08],
]);

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

  // One after the other, as a layout comes first and text takes its time.
  let last = Promise.resolve();
  const then = (act) => (last = last.then(act).catch(console.error));

  function send() {
    const text = field.value;
    field.value = "";
    if (text) then(() => write(text));
  }

  async function write(text) {
    // noVNC keeps to itself whether the server has extended key events.
    const extended = Boolean(desk.rfb?._qemuExtKeyEventSupported);
    const plan = composed(text, await loadLayout(layoutOf(desk)), extended);
    if (plan.missing.length) desk.announce("keys.missing", { what: plan.missing.join(" ") });
    await type(desk, plan.strokes);
  }

  function press(event) {
    const keysym = KEYS.get(event.code);
    const isShortcut = event.ctrlKey || event.altKey || event.metaKey;
    if (!keysym || isShortcut || event.isComposing || field.value) return;
    event.preventDefault();
    then(() => type(desk, [{ code: event.code, keysym, own: keysym, modifiers: [] }]));
  }

  return make("label", { class: "compose" }, make("span", { text: "keys.compose" }), field);
}
