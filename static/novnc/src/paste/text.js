// What typing a text comes to. No DOM here.
import { graphemes } from "../keyboard/graphemes.js";
import { strokes } from "../keyboard/strokes.js";

// A text console's screen: who sends more, or presses Enter with it, is asked.
const SCREEN = { characters: 2000, lines: 25 };

// Returns { strokes, ends, missing, characters, lines, enters }. `ends` has for each stroke where
// in the text that is written with it ends; `missing` names what the layout has no keys for:
// [{ written, line, column, times }] with the first place of each. Returns null for a text of more
// characters than `most`, and takes no longer for one that is far too long.
export function plan(text, layout, most = Infinity) {
  const known = new Map();
  const missing = new Map();
  const found = { strokes: [], ends: [], missing: [], characters: 0, lines: 1, enters: 0 };
  let column = 1;
  for (const { segment, index } of graphemes(text)) {
    if (found.characters === most) return null;
    if (!known.has(segment)) known.set(segment, strokes(segment, layout));
    const written = known.get(segment);
    const end = index + segment.length;
    if (written.missing.length) note(missing, segment, { line: found.lines, column });
    for (const stroke of written.strokes) {
      found.strokes.push(stroke);
      found.ends.push(end);
    }
    found.characters++;
    column++;
    if (!isLineEnd(segment)) continue;
    found.enters++;
    column = 1;
    if (end < text.length) found.lines++;
  }
  found.missing = [...missing.values()];
  return found;
}

export function isLong({ characters, lines }) {
  return characters > SCREEN.characters || lines > SCREEN.lines;
}

// Where in the text it stands when so many strokes are done.
export function reached({ ends }, typed) {
  return typed === 0 ? 0 : ends[typed - 1];
}

// What of the text cannot be said in the clipboard of old servers, which is Latin-1.
export function beyondLatin1(text) {
  return [...new Set([...text.normalize("NFC")].filter((char) => char > "\u00ff"))];
}

// A character as a person can recognize it: what has no picture of its own by its number.
export function nameOf(written) {
  const codes = [...written].map((char) => {
    return `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
  return /^[\p{C}\p{Z}\p{M}]/u.test(written) ? codes.join(" ") : written;
}

const isLineEnd = (segment) => ["\n", "\r\n", "\r"].includes(segment);

function note(missing, written, place) {
  const noted = missing.get(written) ?? { written, ...place, times: 0 };
  noted.times++;
  missing.set(written, noted);
}
