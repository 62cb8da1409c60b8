// What this computer's input method has made, as strokes for the machine. No DOM here.
import { graphemes } from "./graphemes.js";
import { keysymOf } from "./keysyms.js";
import { strokes } from "./strokes.js";

// Returns { strokes, missing }. A server with QEMU's extended key events is told of places on the
// keyboard: what the layout has no key for is missing. Others may make any character of which they
// are told.
export function composed(text, layout, extended) {
  if (extended) return strokes(text, layout);
  const found = [...graphemes(text.normalize("NFC"))].flatMap(({ segment }) => {
    const written = strokes(segment, layout);
    return written.missing.length ? [...segment].map(literal) : written.strokes;
  });
  return { strokes: found, missing: [] };
}

function literal(written) {
  const keysym = keysymOf(written);
  return { code: "", keysym, own: keysym, modifiers: [], written };
}
