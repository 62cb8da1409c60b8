// X11's numbers of keys, as RFB has them: of what a key writes, and of a key of a US keyboard.
import { RUNS } from "./legacy_keysyms.js";

const LEGACY = new Map(
  RUNS.flatMap(([start, run]) => [...run].map((char, place) => [char, start + place])),
);

const DEAD = {
  "\u0300": 0xfe50,
  "\u0301": 0xfe51,
  "\u0302": 0xfe52,
  "\u0303": 0xfe53,
  "\u0304": 0xfe54,
  "\u0306": 0xfe55,
  "\u0307": 0xfe56,
  "\u0308": 0xfe57,
  "\u030a": 0xfe58,
  "\u030b": 0xfe59,
  "\u030c": 0xfe5a,
  "\u0327": 0xfe5b,
  "\u0328": 0xfe5c,
  "\u0323": 0xfe60,
  "\u0309": 0xfe61,
  "\u031b": 0xfe62,
  "\u0335": 0xfe63,
  "\u0326": 0xfe6e,
};

// QEMU's own "de" and "fr" have no dead keys: their keys are those of accents.
const ALIVE = {
  "\u0300": 0x60,
  "\u0301": 0xb4,
  "\u0302": 0x5e,
  "\u0308": 0xa8,
  "\u0327": 0xb8,
};

// Returns the keysym of a character, or of a dead key as the layouts write it; `id` is the layout's.
export function keysymOf(written, id = "") {
  const [char, mark] = written;
  if (char === "◌") return (id === "de" || id === "fr" ? ALIVE[mark] : 0) || DEAD[mark];
  const code = char.codePointAt(0);
  if ((code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff)) return code;
  return LEGACY.get(char) ?? 0x1000000 + code;
}

const CHARS = new Map([...LEGACY].map(([char, keysym]) => [keysym, char]));

// Returns the character that a keysym stands for, or "": it is none, as Enter's or a dead key's.
export function charOf(keysym) {
  if ((keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff)) {
    return String.fromCharCode(keysym);
  }
  if (keysym >= 0x1000100 && keysym <= 0x110ffff) return String.fromCodePoint(keysym - 0x1000000);
  return CHARS.get(keysym) ?? "";
}

const PLAIN = "`1234567890-=[]\\;',./";
const SHIFTED = '~!@#$%^&*()_+{}|:"<>?';
const MARKS = [
  "Backquote",
  ...[..."1234567890"].map((digit) => `Digit${digit}`),
  ...["Minus", "Equal", "BracketLeft", "BracketRight", "Backslash", "Semicolon", "Quote"],
  ...["Comma", "Period", "Slash"],
];
const OTHERS = {
  ...{ Space: 0x20, Enter: 0xff0d, Tab: 0xff09 },
  ...{ IntlBackslash: 0xa6, IntlRo: 0x5c, IntlYen: 0xa5 },
};

// Returns the keysym of a key of a US keyboard, with Shift or without. It has no keys at the places
// of Intl…: IntlBackslash has the one sign that QEMU's "en-us" has there and nowhere else, and the
// others what they are labelled with in Japan.
export function usKeysym(code, shift) {
  if (code in OTHERS) return OTHERS[code];
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return (shift ? letter : letter.toLowerCase()).charCodeAt(0);
  const place = MARKS.indexOf(code);
  return place < 0 ? undefined : (shift ? SHIFTED : PLAIN).charCodeAt(place);
}

export const SHIFT_KEYSYMS = { ShiftLeft: 0xffe1, ShiftRight: 0xffe2 };
// AltGr of a layout that has it. A US keyboard's right Alt (0xffea) is the same key.
export const MODIFIER_KEYSYMS = { ShiftLeft: 0xffe1, AltRight: 0xfe03 };
