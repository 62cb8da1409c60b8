// Strikes what the browser has composed between two keys of the person, at once: the next key may be
// right behind it.
import { unlock } from "./capslock.js";
import { hasExtendedKeys } from "./choice.js";
import { composed } from "./composed.js";
import { MODIFIER_KEYSYMS, SHIFT_KEYSYMS } from "./keysyms.js";
import { keyEvents } from "./keystream.js";
import { loadLayout } from "./layouts.js";

const HELD = Object.entries({ ...SHIFT_KEYSYMS, ...MODIFIER_KEYSYMS });

// Resolves to what does that with a text. What the person holds is let go for it, and is as before then.
export async function striker(desk, hands, id) {
  const layout = await loadLayout(id);
  return (text) => {
    const { rfb } = desk;
    if (!rfb || rfb.viewOnly) return;
    const extended = hasExtendedKeys(desk);
    const { strokes, missing } = composed(text, layout, extended);
    if (missing.length) desk.announce("keys.missing", { what: missing.join(" ") });
    if (!strokes.length) return;
    unlock(rfb);
    const held = HELD.filter(([code]) => hands.holds(code));
    for (const [code, keysym] of held) rfb.sendKey(keysym, code, false);
    for (const { keysym, code, down } of keyEvents(strokes, extended)) rfb.sendKey(keysym, code, down);
    for (const [code, keysym] of held) rfb.sendKey(keysym, code, true);
  };
}
