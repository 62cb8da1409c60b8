// Whether the machine keeps up with what is typed. A system that is told of Num Lock sets the light
// of it, and QEMU says so: when the light has changed, all keys before have been taken. No timer here.
const NUM_LOCK = 0xff7f;
// A short text fits into the queues on the way.
const SHORT = 200;
// Strokes between two beats, and how many may be on their way at most.
const EVERY = 64;
const AHEAD = 128;
// Milliseconds until a machine is taken for one that has no such light, and until it is given up.
const NO_LIGHT = 1000;
const STANDS_STILL = 10_000;

export class Pulse {
  // How many strokes the machine has certainly taken; null where it does not tell.
  sure = null;

  constructor(rfb, strokes, now) {
    this._rfb = rfb;
    this._before = light(rfb);
    this._beats = strokes > SHORT && this._before !== null;
    if (this._beats) this._ask(0, now);
  }

  // Returns "go", "wait" or "stalled"; `typed` strokes have gone out.
  look(typed, now) {
    if (!this._beats) return "go";
    if (this._awaited?.light === light(this._rfb)) {
      this.sure = this._awaited.typed;
      this._awaited = null;
    }
    const waited = this._awaited ? now - this._awaited.since : 0;
    if (this.sure === null) return waited < NO_LIGHT ? "wait" : this._doWithout();
    if (waited > STANDS_STILL) return "stalled";
    return typed - this.sure > AHEAD ? "wait" : "go";
  }

  // Nothing is held now, and a beat may come between.
  pass(typed, now) {
    if (this._beats && !this._awaited && typed - this.sure >= EVERY) this._ask(typed, now);
  }

  // All has gone out: whether it has arrived, as far as that can be known.
  arrived(typed, now) {
    if (!this._beats) return true;
    if (!this._awaited && this.sure < typed) this._ask(typed, now);
    return !this._awaited;
  }

  // Leaves the light as it was.
  close() {
    const now = this._awaited ? this._awaited.light : light(this._rfb);
    if (this._beats && now !== this._before) this._tap();
    this._beats = false;
  }

  _ask(typed, since) {
    this._awaited = { typed, since, light: !light(this._rfb) };
    this._tap();
  }

  _doWithout() {
    this.close();
    return "go";
  }

  _tap() {
    for (const down of [true, false]) this._rfb.sendKey(NUM_LOCK, "NumLock", down);
  }
}

// noVNC keeps to itself what the server says of the machine's lights.
function light(rfb) {
  return typeof rfb?._remoteNumLock === "boolean" ? rfb._remoteNumLock : null;
}
