// Which keys the machine has down, and who presses them: the person's keyboard, the row on the
// screen, or a text that is typed. One that two press is up when both have let go. No DOM here.

export class Held {
  constructor() {
    this._keys = new Map();
  }

  has(keysym, code) {
    return this._keys.has(nameOf(keysym, code));
  }

  holds(code, by) {
    return this._keys.get(code)?.by.has(by) ?? false;
  }

  // Returns the key as it is to be sent: one that is down already is sent as what it was, again.
  press(keysym, code, by) {
    const name = nameOf(keysym, code);
    const key = this._keys.get(name) ?? { keysym, code, by: new Set() };
    this._keys.set(name, key);
    key.by.add(by);
    return key;
  }

  // Returns the key that is to be sent as released; null where it is up already, or another one
  // presses it.
  release(keysym, code, by) {
    const name = nameOf(keysym, code);
    const key = this._keys.get(name);
    if (!key?.by.delete(by) || key.by.size > 0) return null;
    this._keys.delete(name);
    return key;
  }

  // Returns all keys that are down, the last one first, as a hand lets go; they are up then. But what
  // `but` presses stays down.
  clear(but) {
    const gone = [];
    for (const [name, key] of [...this._keys].reverse()) {
      if (key.by.has(but)) {
        key.by = new Set([but]);
        continue;
      }
      this._keys.delete(name);
      gone.push(key);
    }
    return gone;
  }
}

// Keyboards on a phone's screen name no key, only what it makes.
function nameOf(keysym, code) {
  return !code || code === "Unidentified" ? keysym : code;
}
