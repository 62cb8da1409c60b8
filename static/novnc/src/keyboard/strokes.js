// The strokes that write a text in a layout. A stroke is one key and what is held with it:
// { code, keysym, modifiers, written, own }: its KeyboardEvent.code, the keysym that it has on a US
// keyboard, the codes of the modifiers, what it writes in the layout (a dead key's mark on a dotted
// circle), and the keysym of that. A character may need a dead key or two before its own.
import { graphemes } from "./graphemes.js";
import { keysymOf, usKeysym } from "./keysyms.js";
import { LEVELS } from "./layouts.js";

// What a dead key writes with the space bar, as X11 and Linux' console have it, and Windows, too,
// for most of them.
const WITH_SPACE = {
  "`": "\u0300",
  "'": "\u0301",
  "^": "\u0302",
  "~": "\u0303",
  '"': "\u0308",
  "¯": "\u0304",
  "˘": "\u0306",
  "˙": "\u0307",
  "°": "\u030a",
  "˝": "\u030b",
  "ˇ": "\u030c",
  "¸": "\u0327",
  "˛": "\u0328",
};
// And what it writes if it is struck twice.
const TWICE = { "´": "\u0301", "¨": "\u0308" };
// Unicode takes these letters for whole ones.
const STROKED = { ø: "o", đ: "d", ħ: "h", ł: "l", ŧ: "t" };
const CONTROLS = { "\n": "Enter", "\r": "Enter", "\t": "Tab", " ": "Space" };

const reversed = new WeakMap();

// Returns { strokes, missing }: what to strike, and what of the text the layout cannot write, each
// grapheme once.
export function strokes(text, layout) {
  const found = [];
  const missing = new Set();
  const plain = text.replaceAll("\r\n", "\n").normalize("NFC");
  for (const { segment } of graphemes(plain)) {
    const written = write(segment, layout);
    if (written) found.push(...written);
    else missing.add(segment);
  }
  return { strokes: found, missing: [...missing] };
}

// A cluster of several characters may have keys for each of them, as in Thai.
function write(grapheme, layout) {
  const parts = [...grapheme].map((char) => strokesOf(char, layout));
  return parts.every(Boolean) ? parts.flat() : null;
}

// Returns the strokes of one character, the fewest that there are, or null. But what a dead key and
// the space bar write is left to them where the way around is AltGr: there systems differ.
export function strokesOf(char, layout) {
  if (char in CONTROLS) return [stroke(CONTROLS[char], 0, char, layout)];
  const keys = reverse(layout);
  const direct = keys.get(char);
  const space = keys.get(`◌${WITH_SPACE[char]}`);
  if (space && (!direct || (usesAltGr(direct) && !usesAltGr(space)))) {
    return [space, stroke("Space", 0, " ", layout)];
  }
  if (direct) return [direct];
  const twice = keys.get(`◌${TWICE[char]}`);
  if (twice) return [twice, twice];
  return composed(char, layout, keys);
}

// A letter with marks: the last mark's dead key, and then the rest, which may have a key.
function composed(char, layout, keys) {
  const lower = char.toLowerCase();
  const base = STROKED[lower];
  const [letter, mark] = base
    ? [char === lower ? base : base.toUpperCase(), "\u0335"]
    : [char.normalize("NFD").slice(0, -1).normalize("NFC"), char.normalize("NFD").slice(-1)];
  const dead = keys.get(`◌${mark}`);
  if (!dead || !/^\p{L}$/u.test(letter) || letter === char) return null;
  const rest = strokesOf(letter, layout);
  return rest && [dead, ...rest];
}

const usesAltGr = ({ modifiers }) => modifiers.includes("AltRight");

function stroke(code, level, written, { id }) {
  const modifiers = LEVELS[level];
  const keysym = usKeysym(code, modifiers.includes("ShiftLeft"));
  const own = code in { Enter: 1, Tab: 1 } ? keysym : keysymOf(written, id);
  return { code, keysym, modifiers, written, own };
}

// What a layout writes at several places is struck where most keyboards have a key: those between
// Shift and letters are missing on many, even if Shift has to be held instead.
function reverse(layout) {
  let keys = reversed.get(layout);
  if (!keys) {
    const all = [...layout.keys].flatMap(([code, levels]) =>
      levels.map((written, level) => ({ code, level, written })),
    );
    all.sort((one, other) => cost(one) - cost(other));
    keys = new Map();
    for (const { code, level, written } of all) {
      if (written && !keys.has(written)) keys.set(written, stroke(code, level, written, layout));
    }
    reversed.set(layout, keys);
  }
  return keys;
}

function cost({ code, level }) {
  const rare = code.startsWith("Intl") ? 5 : 0;
  return level * 4 + rare + (code === "IntlYen" || code.startsWith("Digit") ? 1 : 0);
}
