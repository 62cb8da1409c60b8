// What a key of the person's keyboard makes, as the strokes that make it in the machine's layout. No
// screen here: keys come as noVNC tells them, and what is to be sent is returned.
import { SHIFT_KEYSYMS, charOf } from "./keysyms.js";
import { keyEvents } from "./keystream.js";
import { strokesOf } from "./strokes.js";

// AltGr, as noVNC calls it, and a Mac's left Option, and Caps Lock: what they do is done already, in
// what the person's keyboard makes. The machine gets Shift and AltGr as its own layout needs them.
const SWALLOWED = new Set([0xfe03, 0xff7e, 0xffe5]);
// With one of these down, a key is a shortcut. A right Alt that is no AltGr on the person's keyboard
// may be one in the machine: that is the way to what only its layout has.
const SHORTCUTS = ["ControlLeft", "ControlRight", "AltLeft", "AltRight", "MetaLeft", "MetaRight"];

export class Conversion {
  // `isDown(code)` tells whether the machine has that key down, and `holds(code)` whether by the
  // person's own keyboard; `isExtended()` whether its server has QEMU's extended key events.
  constructor(layout, { isExtended, holds, isDown }) {
    this._layout = layout;
    this._isExtended = isExtended;
    this._holds = holds;
    this._isDown = isDown;
    this._taken = new Map();
  }

  // Whether the machine has got something else for that key, or nothing.
  has(code) {
    return this._taken.has(code);
  }

  forget() {
    this._taken.clear();
  }

  // Returns null for a key that the machine is to have as it is, or { events, missing }: what to send
  // instead, and a character that its layout does not have.
  key(keysym, code, down) {
    const before = this._taken.get(code);
    if (!down) return this._up(code, before);
    if (before) return { events: [before] };
    const char = keysym ? charOf(keysym) : "";
    // A dead key, or one of an input method, has no keysym: what it leads to comes another way.
    if (!char && keysym && !SWALLOWED.has(keysym)) return null;
    if (char === " ") return null;
    if (!char) return this._take(code, []);
    return SHORTCUTS.some(this._isDown) ? this._shortcut(char, code) : this._write(char, code);
  }

  _up(code, before) {
    if (!this._taken.delete(code)) return null;
    return { events: before ? [{ ...before, down: false }] : [] };
  }

  // Ctrl-C is the key with the letter C, wherever that is in the machine's layout.
  _shortcut(char, code) {
    const letter = /^\p{L}$/u.test(char);
    const strokes = strokesOf(letter ? char.toLowerCase() : char, this._layout) ?? [];
    if (strokes.length !== 1 || (letter && strokes[0].modifiers.length > 0)) return null;
    return letter ? this._hold(strokes[0], code) : this._strike(strokes, code);
  }

  _write(char, code) {
    const strokes = strokesOf(char, this._layout);
    if (!strokes) return { ...this._take(code, []), missing: char };
    const shift = this._shifts().length > 0;
    const [{ modifiers }] = strokes;
    const asHeld = shift === modifiers.includes("ShiftLeft") && !modifiers.includes("AltRight");
    if (strokes.length === 1 && asHeld) return this._hold(strokes[0], code);
    return this._strike(strokes, code);
  }

  // The key is down as long as the person's is.
  _hold(stroke, code) {
    const [event] = keyEvents([{ ...stroke, modifiers: [] }], this._isExtended());
    this._taken.set(code, event);
    return { events: [event] };
  }

  // Other modifiers than the person has down: they are changed for a moment, and so the key is not
  // down for longer than that; where the person's repeats, it is struck again.
  _strike(strokes, code) {
    const shifts = this._shifts().map((held) => ({ code: held, keysym: SHIFT_KEYSYMS[held] }));
    return this._take(code, [
      ...shifts.map((key) => ({ ...key, down: false })),
      ...keyEvents(strokes, this._isExtended()),
      ...shifts.map((key) => ({ ...key, down: true })),
    ]);
  }

  _shifts() {
    return Object.keys(SHIFT_KEYSYMS).filter(this._holds);
  }

  _take(code, events) {
    this._taken.set(code, null);
    return { events };
  }
}
