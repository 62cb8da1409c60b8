// What a person is asked before a text is typed, and how amounts are told.
import { make } from "../tools/dom.js";
import { isLong, nameOf } from "./text.js";

const NAMED = 12;

// How many, in the person's own digits.
export function counted(words, key, n) {
  return words.text(key, { n, count: new Intl.NumberFormat(words.language).format(n) });
}

export function share(words, part) {
  return new Intl.NumberFormat(words.language, { style: "percent" }).format(part);
}

export function duration(words, milliseconds) {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  const [unit, value] = seconds < 90 ? ["second", seconds] : ["minute", Math.round(seconds / 60)];
  const format = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(words.language, format).format(value);
}

export function summary(words, planned, milliseconds) {
  const parts = [counted(words, "paste.characters", planned.characters)];
  if (planned.enters) parts.push(counted(words, "paste.enters", planned.enters));
  if (milliseconds) parts.push(words.text("paste.takes", { time: duration(words, milliseconds) }));
  return parts.join(" · ");
}

export function mustAsk(planned) {
  return planned.missing.length > 0 || planned.enters > 0 || isLong(planned);
}

// The question's sentences; the characters of a secret are not named, only where they are.
export function questions(words, planned, { layout, secret }) {
  const asked = [];
  if (planned.missing.length) {
    asked.push(make("p", {}, words.text("paste.missing", { layout })), list(words, planned, secret));
  }
  if (isLong(planned)) asked.push(make("p", {}, words.text("paste.long")));
  if (planned.enters) asked.push(make("p", {}, counted(words, "paste.runs", planned.enters)));
  return asked;
}

function list(words, { missing }, secret) {
  const items = missing.slice(0, NAMED).map(({ written, line, column, times }) => {
    const place = words.text("paste.place", { line, column });
    const more = times > 1 ? ` (×${times})` : "";
    if (secret) return make("li", {}, place + more);
    return make("li", {}, make("bdi", { class: "paste-what" }, nameOf(written)), ` ${place}${more}`);
  });
  const others = missing.length - NAMED;
  if (others > 0) items.push(make("li", {}, counted(words, "paste.others", others)));
  return make("ul", { class: "paste-missing" }, ...items);
}
