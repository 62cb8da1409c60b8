// Modifiers of the row on the screen: pressed once, one is held for the next key; twice, it is
// locked; the third time it is up again. No DOM here.

const NEXT = { off: "once", once: "locked", locked: "off" };

export class Sticky {
  constructor() {
    this._states = new Map();
  }

  state(name) {
    return this._states.get(name) ?? "off";
  }

  // Returns the new state.
  press(name) {
    const state = NEXT[this.state(name)];
    this._states.set(name, state);
    return state;
  }

  // The next key has come and gone: returns the names that are up now.
  used() {
    const names = [...this._states.keys()].filter((name) => this.state(name) === "once");
    for (const name of names) this._states.delete(name);
    return names;
  }

  // Returns the names that were down.
  clear() {
    const names = [...this._states.keys()].filter((name) => this.state(name) !== "off");
    this._states.clear();
    return names;
  }
}
