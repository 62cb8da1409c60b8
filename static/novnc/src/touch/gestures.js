// What fingers on the machine's screen mean. No DOM and no timers: fingers and times go in, and what
// they did comes out, as a list of { type, x, y, … } in the pixels of the page:
//   click (button: left, right, middle)    a tap; two fingers, or one that stayed; three fingers
//   hold                                   a finger has stayed: lifted it is a right click, moved it drags
//   press, drag, release                   the left button: moved after a hold, or after a tap
//   slide (first, dx, dy), slid (vx, vy)   one finger moved, and left at so many pixels a millisecond
//   scroll (dx, dy)                        two fingers moved side by side; x and y are where they began
//   pinch (ratio, dx, dy), pinched         two fingers moved apart or together

const SLOP = 10;
const HOLD_MILLISECONDS = 500;
// A second tap belongs to the first one within these.
const AGAIN_MILLISECONDS = 350;
const AGAIN_PIXELS = 40;
const TAP_MILLISECONDS = 600;
// Of two fingers, one alone that moved as far as this is pinching: the other one stays where it is.
const ALONE_PIXELS = 24;
const SPEED_MILLISECONDS = 100;

export class Gestures {
  constructor() {
    this._fingers = new Map();
    this._tap = null;
    this._rest();
  }

  // When `tick` is to be called if nothing happens before; null: never.
  get due() {
    return ["touched", "again"].includes(this._mode) ? this._since + HOLD_MILLISECONDS : null;
  }

  down(id, x, y, now) {
    // Something goes on with other fingers: this one, resting on the glass, has no part in it.
    if (["held", "dragging", "scrolling", "pinching"].includes(this._mode)) return [];
    this._fingers.set(id, { x, y, startX: x, startY: y });
    const count = this._fingers.size;
    if (count === 1) this._first(x, y, now);
    else if (count === 2 && ["touched", "again"].includes(this._mode)) this._pair(true);
    else if (count === 2 && this._mode === "sliding") this._pair(false);
    else if (count === 3 && this._mode === "two") this._mode = "three";
    else this._mode = "over";
    return [];
  }

  // All that moved since the last time, together: [{ id, x, y }].
  move(moved, now) {
    const ours = moved.filter(({ id }) => this._fingers.has(id));
    for (const { id, x, y } of ours) Object.assign(this._fingers.get(id), { x, y });
    return (ours.length && this._moves[this._mode]?.call(this, now)) || [];
  }

  up(id, now) {
    if (!this._fingers.has(id)) return [];
    const did = this._lifts[this._mode]?.call(this, now) ?? [];
    this._fingers.delete(id);
    if (this._fingers.size === 0) this._rest();
    return did;
  }

  // The browser or the system has taken the fingers: nothing is clicked, and no button stays down.
  cancel() {
    const did =
      this._mode === "dragging" ? [{ type: "release", ...this._at() }] :
      this._mode === "pinching" ? [{ type: "pinched" }] : [];
    this._fingers.clear();
    this._tap = null;
    this._rest();
    return did;
  }

  tick(now) {
    if (this.due === null || now < this.due) return [];
    if (this._mode === "touched") {
      this._mode = "held";
      return [{ type: "hold", x: this._x, y: this._y }];
    }
    this._mode = "dragging";
    return [{ type: "hold", x: this._x, y: this._y }, { type: "press", x: this._x, y: this._y }];
  }

  _rest() {
    this._mode = "idle";
    this._track = [];
  }

  _first(x, y, now) {
    const tap = this._tap;
    this._since = now;
    const again =
      tap && now - tap.at <= AGAIN_MILLISECONDS && distance(tap, { x, y }) <= AGAIN_PIXELS;
    this._mode = again ? "again" : "touched";
    // What is tapped twice is meant to be one spot.
    [this._x, this._y] = again ? [tap.x, tap.y] : [x, y];
    this._tap = null;
  }

  _pair(still) {
    this._mode = "two";
    this._still = still;
    for (const finger of this._fingers.values()) {
      [finger.startX, finger.startY] = [finger.x, finger.y];
    }
    [this._start, this._last] = [this._both(), this._both()];
  }

  _at() {
    const { x, y } = this._fingers.values().next().value;
    return { x, y };
  }

  // Middle and distance of two fingers.
  _both() {
    const [one, other] = [...this._fingers.values()];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, apart: distance(one, other) };
  }

  _steady() {
    const { x, y, startX, startY } = this._fingers.values().next().value;
    return distance({ x, y }, { x: startX, y: startY }) <= SLOP;
  }

  _stayed(now) {
    return now - this._since >= HOLD_MILLISECONDS;
  }

  _drag() {
    if (this._steady()) return [];
    this._mode = "dragging";
    return [{ type: "press", x: this._x, y: this._y }, { type: "drag", ...this._at() }];
  }

  _slide(now, first) {
    const at = this._at();
    const from = this._track.at(-1) ?? { x: this._x, y: this._y };
    this._track.push({ ...at, now });
    this._track = this._track.filter((past) => now - past.now <= SPEED_MILLISECONDS);
    return [{ type: "slide", first, ...at, dx: at.x - from.x, dy: at.y - from.y }];
  }

  // What two fingers are about, as soon as it can be told.
  _decide() {
    const [one, other] = [...this._fingers.values()].map((finger) =>
      distance(finger, { x: finger.startX, y: finger.startY }),
    );
    const [less, more] = [Math.min(one, other), Math.max(one, other)];
    if (more > SLOP) this._still = false;
    if (less < SLOP / 2 ? more < ALONE_PIXELS : more < SLOP) return [];
    const now = this._both();
    const along = distance(now, this._start);
    if (Math.abs(now.apart - this._start.apart) > along) {
      this._mode = "pinching";
      return this._pinch();
    }
    this._mode = "scrolling";
    // A wheel turns one way: the other one means something else to many programs.
    this._upright = Math.abs(now.y - this._start.y) >= Math.abs(now.x - this._start.x);
    return this._scroll();
  }

  _scroll() {
    const [now, last, start] = [this._both(), this._last, this._start];
    this._last = now;
    const way = this._upright ? { dx: 0, dy: now.y - last.y } : { dx: now.x - last.x, dy: 0 };
    return [{ type: "scroll", x: start.x, y: start.y, ...way }];
  }

  _pinch() {
    const [now, last] = [this._both(), this._last];
    this._last = now;
    const ratio = last.apart && now.apart ? now.apart / last.apart : 1;
    return [{ type: "pinch", x: now.x, y: now.y, ratio, dx: now.x - last.x, dy: now.y - last.y }];
  }

  _moves = {
    touched(now) {
      if (this._steady()) return [];
      this._mode = "sliding";
      return this._slide(now, true);
    },
    again: () => this._drag(),
    // A page that was busy hears late of a finger that moved, or left, in time.
    held(now) {
      return (this._stayed(now) ? this._drag : this._moves.touched).call(this, now);
    },
    dragging: () => [{ type: "drag", ...this._at() }],
    sliding: (now) => this._slide(now, false),
    two: () => this._decide(),
    scrolling: () => this._scroll(),
    pinching: () => this._pinch(),
  };

  _lifts = {
    touched: (now) => this._click("left", now),
    again: (now) => this._click("left", now),
    held: (now) => this._click(this._stayed(now) ? "right" : "left", now),
    dragging: () => [{ type: "release", ...this._at() }],
    sliding: (now) => [this._slid(now)],
    two: (now) => this._tapOf(2, now),
    three: (now) => this._tapOf(3, now),
    scrolling: () => this._end([]),
    pinching: () => this._end([{ type: "pinched" }]),
  };

  _end(did) {
    this._mode = "over";
    return did;
  }

  _click(button, now) {
    const at = { x: this._x, y: this._y };
    if (button === "left") this._tap = { ...at, at: now };
    return [{ type: "click", button, ...at }];
  }

  // The first of several fingers is lifted: it was their tap, if they did nothing else.
  _tapOf(count, now) {
    this._mode = "over";
    if (!this._still || now - this._since > TAP_MILLISECONDS) return [];
    const { x, y } = this._start;
    return [{ type: "click", button: count === 2 ? "right" : "middle", x, y }];
  }

  _slid(now) {
    const [from, to] = [this._track[0], this._track.at(-1)];
    this._mode = "over";
    const time = to.now - from.now;
    // A finger that came to rest before it left has no speed.
    if (!time || now - to.now > SPEED_MILLISECONDS / 2) return { type: "slid", vx: 0, vy: 0 };
    return { type: "slid", vx: (to.x - from.x) / time, vy: (to.y - from.y) / time };
  }
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
