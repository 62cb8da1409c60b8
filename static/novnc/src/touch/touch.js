// Fingers on the machine's screen: listens to them, and does what they mean.
import { glance, into, written } from "./follow.js";
import { Gestures } from "./gestures.js";
import { glide, limits, scrollTo, settles, zoomed } from "./lens.js";
import { Glass } from "./novnc.js";
import css from "./touch.css";
import { keepAboveKeyboard } from "./viewport.js";

const WHEEL_PIXELS = 30;
const VIBRATION_MILLISECONDS = 15;
// An echo comes within the first; a slow machine's within the second.
const ECHO_MILLISECONDS = [150, 600];

let fingers = null;

// One for the page. For tools it has what fingers do, for people who cannot, and `follow`. It tells
// that `times` or `button` is another one by "change".
export function attend(desk) {
  return (fingers ??= new Fingers(desk));
}

class Fingers extends EventTarget {
  constructor(desk) {
    super();
    this._desk = desk;
    this._gestures = new Gestures();
    this._glass = null;
    this._own = 0;
    this._zoom = null;
    this._button = "left";
    this._timer = 0;
    this._frame = 0;
    this._sign = document.createElement("div");
    this._sign.className = "hold";
    this._styled = new MutationObserver(() => this._rescaled());
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    keepAboveKeyboard();
    desk.addEventListener("screen", () => this._show());
    this._show();
    for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
      // Before noVNC's canvas hears of it, which has gestures of its own.
      desk.screen.addEventListener(type, (event) => this._touch(event), { capture: true, passive: false });
    }
  }

  // 1 is as large as noVNC shows the picture by itself.
  get times() {
    return this._zoom ? this._zoom.scale / this._own : 1;
  }

  // By which the next tap clicks.
  get button() {
    return this._button;
  }

  set button(button) {
    this._button = button;
    this._changed();
  }

  // Zooms around the middle of what is seen.
  zoom(ratio) {
    if (!this._glass) return;
    const { left, top, width, height } = this._glass.box.getBoundingClientRect();
    this._pinch({ x: left + width / 2, y: top + height / 2, ratio, dx: 0, dy: 0 });
    this._settle();
  }

  fit() {
    if (!this._zoom) return;
    this._zoom = null;
    this._glass.scale = this._own;
    this._glass.canvas.style.imageRendering = this._sharp;
    this._changed();
  }

  // A step of the wheel, in the middle of what is seen: 1 is down.
  wheel(down) {
    if (!this._glass) return;
    const { left, top, width, height } = this._glass.box.getBoundingClientRect();
    this._glass.wheel(left + width / 2, top + height / 2, { down });
  }

  // Keeps what is written in sight: called before something is typed, it returns what is to be called
  // when that has been.
  follow() {
    if (!this._glass || !this._roomy()) return () => {};
    const before = glance(this._glass.canvas);
    return () => {
      for (const wait of ECHO_MILLISECONDS) setTimeout(() => this._follow(before), wait);
    };
  }

  _follow(before) {
    if (!this._glass || !this._roomy()) return;
    const { box, canvas, scale } = this._glass;
    const piece = written(before, glance(canvas));
    if (!piece) return;
    const seen = {
      left: box.scrollLeft / scale,
      top: box.scrollTop / scale,
      width: box.clientWidth / scale,
      height: box.clientHeight / scale,
    };
    const { dx, dy } = into(piece, seen);
    if (dx || dy) this._pan(-dx * scale, -dy * scale);
  }

  _show() {
    const { rfb, canvas } = this._desk;
    this._do(this._gestures.cancel());
    this._stop();
    this._styled.disconnect();
    this._zoom = null;
    this._glass = rfb && new Glass(rfb, canvas);
    if (rfb) this._styled.observe(this._glass.canvas, { attributeFilter: ["style"] });
    this._changed();
  }

  _touch(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!this._glass) return;
    const { type, changedTouches, timeStamp } = event;
    this._stop();
    const touches = [...changedTouches].map(({ identifier, clientX, clientY }) => ({
      id: identifier,
      x: clientX,
      y: clientY,
    }));
    if (type === "touchstart") {
      this._takeKeys();
      for (const { id, x, y } of touches) this._do(this._gestures.down(id, x, y, timeStamp));
    }
    if (type === "touchmove") this._do(this._gestures.move(touches, timeStamp));
    if (type === "touchend") for (const { id } of touches) this._do(this._gestures.up(id, timeStamp));
    if (type === "touchcancel") this._do(this._gestures.cancel());
    this._wait();
  }

  // Who is typing into a field goes on with that: the phone's keyboard stays.
  _takeKeys() {
    if (!document.activeElement?.matches("input, textarea, select")) this._desk.focus();
  }

  _wait() {
    clearTimeout(this._timer);
    const { due } = this._gestures;
    if (due === null) return;
    const tick = () => {
      this._do(this._gestures.tick(performance.now()));
      this._wait();
    };
    this._timer = setTimeout(tick, Math.max(0, due - performance.now()));
  }

  _do(actions) {
    for (const action of actions) this._ways[action.type].call(this, action);
  }

  _ways = {
    click({ button, x, y }) {
      this._sign.remove();
      if (button === "left" && this._button !== "left") {
        button = this._button;
        this.button = "left";
      }
      this._glass.click(button, x, y);
    },
    hold({ x, y }) {
      if (this._desk.rfb.viewOnly) return;
      this._sign.style.left = `${x}px`;
      this._sign.style.top = `${y}px`;
      document.body.append(this._sign);
      navigator.vibrate?.(VIBRATION_MILLISECONDS);
    },
    press({ x, y }) {
      this._glass.press(x, y);
    },
    drag({ x, y }) {
      this._sign.remove();
      this._glass.drag(x, y);
    },
    release({ x, y }) {
      this._sign.remove();
      this._glass.release(x, y);
    },
    slide({ first, x, y, dx, dy }) {
      if (first) this._pans = this._roomy();
      if (this._pans) this._pan(dx, dy);
      else this._glass.point(x, y);
    },
    slid({ vx, vy }) {
      if (this._pans) this._push({ vx, vy });
    },
    scroll({ x, y, dx, dy }) {
      const before = this._turned;
      const at = before?.x === x && before?.y === y ? before : { x, y, dx: 0, dy: 0 };
      this._turned = { x, y, dx: this._turn(at.dx + dx, x, y, "across"), dy: this._turn(at.dy + dy, x, y, "down") };
    },
    pinch(action) {
      this._pinch(action);
    },
    pinched() {
      this._settle();
    },
  };

  // What is under the fingers goes with them: down is the wheel's way up.
  _turn(pixels, x, y, way) {
    const steps = Math.trunc(pixels / WHEEL_PIXELS);
    for (let n = 0; n < Math.abs(steps); n++) this._glass.wheel(x, y, { [way]: -Math.sign(steps) });
    return pixels - steps * WHEEL_PIXELS;
  }

  // Whether there is more of the picture than is seen.
  _roomy() {
    const { box } = this._glass;
    return box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  }

  _pan(dx, dy) {
    this._glass.hidePointer();
    this._glass.box.scrollBy({ left: -dx, top: -dy, behavior: "instant" });
    this._note();
  }

  _push(speed) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let last = performance.now();
    const move = (now) => {
      speed = glide(speed, now - last);
      last = now;
      if (!speed) return;
      this._pan(speed.dx, speed.dy);
      this._frame = requestAnimationFrame(move);
    };
    this._frame = requestAnimationFrame(move);
  }

  _stop() {
    cancelAnimationFrame(this._frame);
  }

  _pinch({ x, y, ratio, dx, dy }) {
    const glass = this._glass;
    const { canvas, box, picture } = glass;
    if (!picture.width) return;
    if (!this._zoom) {
      this._own = glass.scale;
      this._sharp = canvas.style.imageRendering;
    }
    const seen = canvas.getBoundingClientRect();
    const spot = {
      x: Math.min(Math.max((x - dx - seen.left) / glass.scale, 0), picture.width),
      y: Math.min(Math.max((y - dy - seen.top) / glass.scale, 0), picture.height),
    };
    const scale = zoomed(glass.scale, ratio, limits(glass.view, picture, this._own));
    this._zoom = { scale, room: this._room() };
    glass.hidePointer();
    this._scale(scale);
    const { left, top } = box.getBoundingClientRect();
    this._look(spot, { x: x - left, y: y - top });
    this._changed();
  }

  // Pixels of one size, as some scales of noVNC's have them, would be uneven at others.
  _scale(scale) {
    this._glass.scale = scale;
    this._glass.canvas.style.imageRendering = "auto";
  }

  _settle() {
    if (this._zoom && settles(this._zoom.scale, this._own)) this.fit();
  }

  _look(spot, at) {
    this._glass.box.scrollTo({ ...scrollTo(spot, at, this._glass.scale), behavior: "instant" });
    this._note();
  }

  // Remembers what is in the middle, for when the window gets another shape.
  _note() {
    if (!this._zoom) return;
    const { box, scale } = this._glass;
    this._zoom.middle = {
      x: (box.scrollLeft + box.clientWidth / 2) / scale,
      y: (box.scrollTop + box.clientHeight / 2) / scale,
    };
  }

  // noVNC has scaled the picture anew: another window's size, another screen, or another choice.
  _rescaled() {
    const [zoom, glass] = [this._zoom, this._glass];
    if (!zoom || glass.scale === zoom.scale) return;
    const room = this._room();
    this._own = glass.scale;
    if (room === zoom.room || zoom.scale <= this._own) {
      this._zoom = null;
    } else {
      zoom.room = room;
      this._sharp = glass.canvas.style.imageRendering;
      this._scale(zoom.scale);
      const { clientWidth, clientHeight } = glass.box;
      this._look(zoom.middle, { x: clientWidth / 2, y: clientHeight / 2 });
    }
    this._changed();
  }

  // The picture in the window: with another one, a zoom has lost its sense.
  _room() {
    const { picture, view } = this._glass;
    return [view.width, view.height, picture.width, picture.height].join();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}
