// The layouts of keyboards, each a file of its own that comes when it is wanted.
import { LAYOUTS } from "./list.js";

export { LAYOUTS };

// The keys that make characters, as the layouts' files have them, row by row.
const letters = (word) => [...word].map((letter) => `Key${letter}`);
export const ROWS = [
  ["Backquote", ...[..."1234567890"].map((digit) => `Digit${digit}`), "Minus", "Equal"],
  [...letters("QWERTYUIOP"), "BracketLeft", "BracketRight", "Backslash"],
  [...letters("ASDFGHJKL"), "Semicolon", "Quote"],
  ["IntlBackslash", ...letters("ZXCVBNM"), "Comma", "Period", "Slash"],
  ["IntlRo", "IntlYen"],
];
// What is held for each of a key's levels.
export const LEVELS = [[], ["ShiftLeft"], ["AltRight"], ["ShiftLeft", "AltRight"]];

// CloudStack's names of keyboards, noVNC's and browsers' names of languages, and what people call
// their layouts, where these are not ours.
const ALIASES = {
  uk: "gb",
  en: "us",
  "en-us": "us",
  "en-gb": "gb",
  sc: "us", // Chinese is typed on a US keyboard
  zh: "us",
  "zh-cn": "us",
  "zh-tw": "us",
  ja: "jp",
  "ja-jp": "jp",
  "ja-atset1": "jp",
  ko: "kr",
  "ko-kr": "kr",
  ch: "ch-de",
  "de-ch": "ch-de",
  "fr-ch": "ch-fr",
  "fr-be": "be",
  "nl-be": "be",
  "fr-ca": "ca",
  at: "de",
  "de-at": "de",
  "de-de": "de",
  "es-es": "es",
  "es-latam": "latam",
  "es-419": "latam",
  "es-mx": "latam",
  "es-ar": "latam",
  "fr-fr": "fr",
  "it-it": "it",
  "pt-br": "br",
  "pt-pt": "pt",
  sv: "se",
  nb: "no",
  nn: "no",
  da: "dk",
  cs: "cz",
  el: "gr",
  et: "ee",
  he: "il",
  sl: "si",
  sr: "rs",
};

// Returns the id of a layout that somebody names, or undefined.
export function layoutId(name) {
  const plain = String(name ?? "").trim().toLowerCase();
  const id = ALIASES[plain] ?? ALIASES[plain.replace("_", "-")] ?? plain.replace("_", "-");
  return LAYOUTS.find((layout) => layout.id === id)?.id;
}

// Returns { id, name, keys }: keys maps a code to what the key writes at each of its levels, a dead
// key's mark on a dotted circle, or "" for nothing. Rejects where there is none of that name.
export async function loadLayout(name) {
  const id = layoutId(name);
  const found = LAYOUTS.find((layout) => layout.id === id);
  if (!found) throw new Error(`no keyboard layout ${name}`);
  return { id, name: found.name, keys: parseRows((await found.rows()).default) };
}

export function parseRows(rows) {
  const keys = new Map();
  for (const [row, codes] of ROWS.entries()) {
    const levels = rows[row].map((level) => level.match(/◌?./gu) ?? []);
    for (const [place, code] of codes.entries()) {
      const written = levels.map((level) => (level[place] ?? " ").replace(" ", ""));
      if (written.some(Boolean)) keys.set(code, written);
    }
  }
  return keys;
}
