// Strokes as the keys that go down and up, one after the other. No timer and no screen here.
import { MODIFIER_KEYSYMS } from "./keysyms.js";

// Returns [{ code, keysym, down, done }]; `done` is how many strokes have been struck with it: a key
// that goes down has written what it writes, whoever lets go of it. What is held for one stroke stays
// down for the next if that needs it, too: each key costs its time.
// `extended`: the server has QEMU's extended key events and goes by the key's place, but for one that
// was told its guest's layout (QEMU's -k): that goes by what the key writes there. Servers without
// them take a keysym for that key of a US keyboard.
export function keyEvents(strokes, extended = false) {
  const events = [];
  let held = [];
  const push = (code, keysym, down, done) => events.push({ code, keysym, down, done });
  const hold = (wanted, done) => {
    for (const code of held.filter((code) => !wanted.includes(code)).reverse()) {
      push(code, MODIFIER_KEYSYMS[code], false, done);
    }
    for (const code of wanted.filter((code) => !held.includes(code))) {
      push(code, MODIFIER_KEYSYMS[code], true, done);
    }
    held = wanted;
  };
  for (const [done, { code, keysym, own, modifiers }] of strokes.entries()) {
    const told = extended ? own : keysym;
    hold(modifiers, done);
    push(code, told, true, done + 1);
    push(code, told, false, done + 1);
  }
  hold([], strokes.length);
  return events;
}

// What a keyboard's controller keeps until the machine takes it, in bytes, and less than what Num Lock
// (see pulse.js) needs of it.
const ROOM = 16 - 3;

// The same in groups that fit into that, each with nothing held behind it: `beat` is at its last one.
export function carefulEvents(strokes, extended) {
  const events = [];
  let group = [];
  const flush = (end) => {
    const own = keyEvents(group, extended);
    own.at(-1).beat = true;
    const before = end - group.length;
    for (const event of own) events.push({ ...event, done: event.done + before });
    group = [];
  };
  for (const [at, stroke] of strokes.entries()) {
    if (group.length > 0 && bytes(keyEvents([...group, stroke])) > ROOM) flush(at);
    group.push(stroke);
  }
  if (group.length > 0) flush(strokes.length);
  return events;
}

// As a PS/2 keyboard tells them.
function bytes(events) {
  const each = ({ code, down }) => (down ? 1 : 2) + (code === "AltRight" ? 1 : 0);
  return events.reduce((sum, event) => sum + each(event), 0);
}

// How fast: milliseconds for each key that goes down or up, and more behind Enter, as much may
// begin with it. QEMU hands its guest a key every 10 ms, keeps 341 that wait and drops the rest
// without a word; docs/viewer/paste.md has what was measured.
export const PACES = {
  normal: { key: 12, enter: 100 },
  careful: { key: 40, enter: 500 },
};
// A timer that comes late may send this much at once, in milliseconds of keys: one in a tab that is
// not looked at comes once a second.
const LATE = 1000;

const isEnter = ({ code, down }) => code === "Enter" && !down;

// Which of the events are due. The clock is milliseconds of any origin, but one that does not jump.
export class Metronome {
  constructor(events, pace, now) {
    this._events = events;
    this._next = 0;
    this._at = now;
    this.use(pace);
  }

  // From the next one on.
  use(pace) {
    const rest = this._events.slice(this._next);
    this._pace = pace;
    this._rest = rest.length * pace.key + rest.filter(isEnter).length * pace.enter;
  }

  // When the next one is due; null if there is none.
  get at() {
    return this._next < this._events.length ? this._at : null;
  }

  // Returns the next one if it is due, or `early`; or null.
  take(now, early = false) {
    this._at = Math.max(this._at, now - LATE);
    if (early) this._at = Math.min(this._at, now);
    if (this._next === this._events.length || this._at > now) return null;
    const event = this._events[this._next++];
    const takes = this._pace.key + (isEnter(event) ? this._pace.enter : 0);
    this._at += takes;
    this._rest -= takes;
    return event;
  }

  // Nothing was due until now.
  rest(now) {
    this._at = Math.max(this._at, now);
  }

  // Milliseconds until the last one.
  left(now) {
    return this.at === null ? 0 : Math.max(0, this._at - now) + this._rest;
  }
}
