// Whether the machine keeps up with what is typed. A system that is told of Num Lock sets the light
// of it, and QEMU says so: when the light has changed, all keys before have been taken. No timer here.
const NUM_LOCK = 0xff7f;
// Milliseconds until a machine is taken for one that has no such light, and until it is given up.
const NO_LIGHT = 1000;
const STANDS_STILL = 10_000;

export class Pulse {
  // How many strokes the machine has certainly taken; null where it does not tell.
  sure = null;

  constructor(rfb, { wanted, now }) {
    this._rfb = rfb;
    this._before = light(rfb);
    this._beats = wanted && this._before !== null;
    if (this._beats) this.ask(0, now);
  }

  // Returns "go", "wait" or "stalled".
  look(now) {
    if (!this._beats) return "go";
    if (this._awaited?.light === light(this._rfb)) {
      this.sure = this._awaited.typed;
      this._awaited = null;
    }
    if (!this._awaited) return "go";
    const waited = now - this._awaited.since;
    if (this.sure !== null) return waited > STANDS_STILL ? "stalled" : "wait";
    if (waited < NO_LIGHT) return "wait";
    this.close();
    return "go";
  }

  // So many strokes have gone out, and nothing is held. Returns whether there will be an answer.
  ask(typed, now) {
    if (!this._beats) return false;
    this._awaited = { typed, since: now, light: !light(this._rfb) };
    this._tap();
    return true;
  }

  // Leaves the light as it was.
  close() {
    const now = this._awaited ? this._awaited.light : light(this._rfb);
    if (this._beats && now !== this._before) this._tap();
    this._beats = false;
  }

  _tap() {
    for (const down of [true, false]) this._rfb.sendKey(NUM_LOCK, "NumLock", down);
  }
}

// noVNC keeps to itself what the server says of the machine's lights.
function light(rfb) {
  return typeof rfb?._remoteNumLock === "boolean" ? rfb._remoteNumLock : null;
}
