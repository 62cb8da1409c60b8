// Writes text that was made on this computer into the machine: all of it in the order in which it
// came, as layouts come first and keys take their time.
import { hasExtendedKeys, layoutOf } from "./choice.js";
import { composed } from "./composed.js";
import { loadLayout } from "./layouts.js";
import { type } from "./typist.js";

const lines = new WeakMap();

function then(desk, act) {
  lines.set(desk, (lines.get(desk) ?? Promise.resolve()).then(act).catch(console.error));
}

export function write(desk, text) {
  then(desk, async () => {
    const plan = composed(text, await loadLayout(layoutOf(desk)), hasExtendedKeys(desk));
    if (plan.missing.length) desk.announce("keys.missing", { what: plan.missing.join(" ") });
    await type(desk, plan.strokes);
  });
}

// A key that writes nothing.
export function strike(desk, code, keysym) {
  then(desk, () => type(desk, [{ code, keysym, own: keysym, modifiers: [] }]));
}
