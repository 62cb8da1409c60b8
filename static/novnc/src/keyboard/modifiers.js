// Keys that change what others mean. No DOM here.

// Not AltGraph, of which not every browser and system tells that it is down.
const NAMES = new Set(["Control", "Shift", "Alt", "Meta", "OS"]);
const CODES = /^(Control|Shift|Alt|Meta)(Left|Right)$/;

export function isModifier(code) {
  return CODES.test(code);
}

// The modifiers that a keyboard has pressed, and the ones whose releases went elsewhere: to another
// window, or to the system, which tells a page nothing of them.
export class Pressed {
  constructor() {
    this._names = new Map();
  }

  // `name` is what the event calls the key; by that it is asked for later, not by its place on the
  // keyboard, which the system may have given to another modifier.
  down(code, name) {
    if (NAMES.has(name)) this._names.set(code, name);
  }

  up(code) {
    this._names.delete(code);
  }

  // Returns the codes that are not down any more, as another key's event tells by its
  // getModifierState, `isDown`. Alt and its kin go by several names even in one browser, and Windows
  // takes Ctrl and Alt for AltGr before a key that has something there.
  lost(isDown) {
    const kin = ["Alt", "AltGraph", "Meta", "OS"];
    const names = (name) => (name === "Control" ? [name, "AltGraph"] : kin.includes(name) ? kin : [name]);
    const isUp = (name) => !names(name).some(isDown);
    const codes = [...this._names].filter(([, name]) => isUp(name)).map(([code]) => code);
    for (const code of codes) this._names.delete(code);
    return codes;
  }
}

const PARTS = { ControlLeft: 1, ControlRight: 1, ShiftLeft: 2, ShiftRight: 2, AltLeft: 4 };
const ALL = 7;

// The way out of the machine's screen: Ctrl, Alt and Shift are down together and go up again, with
// no other key between. Not AltGr, which Windows tells as Ctrl and Alt.
export class WayOut {
  constructor() {
    this.forget();
  }

  down(code) {
    if (!PARTS[code]) {
      this._spoilt = true;
      return;
    }
    if (this._down.size === 0) this.forget();
    this._down.add(code);
    const parts = [...this._down].reduce((sum, one) => sum | PARTS[one], 0);
    if (parts === ALL) this._complete = true;
  }

  // Returns whether this was the release that leads out.
  up(code) {
    return this._down.delete(code) && this._down.size === 0 && this._complete && !this._spoilt;
  }

  forget() {
    this._down = new Set();
    this._complete = false;
    this._spoilt = false;
  }
}
