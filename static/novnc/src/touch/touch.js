// Fingers on the machine's screen: listens to them, and does what they mean.
import { Edge } from "./edge.js";
import { Gestures } from "./gestures.js";
import { glide } from "./lens.js";
import { Glass } from "./novnc.js";
import css from "./touch.css";
import { keepAboveKeyboard } from "./viewport.js";
import { Zoom } from "./zoom.js";

const WHEEL_PIXELS = 30;
const VIBRATION_MILLISECONDS = 15;
// What is for the machine; the rest is for its picture.
const ACTS = new Set(["click", "hold", "press", "drag", "release"]);

let fingers = null;

// One for the page. For tools it has `zoom`, and what else fingers do. Event: "change" of `button`.
export function attend(desk) {
  return (fingers ??= new Fingers(desk));
}

class Fingers extends EventTarget {
  constructor(desk) {
    super();
    this._desk = desk;
    this._gestures = new Gestures();
    this._glass = null;
    this._button = "left";
    this._timer = 0;
    this._frame = 0;
    this._sign = document.createElement("div");
    this._sign.className = "hold";
    this.zoom = new Zoom();
    this._edge = new Edge((dx, dy) => this._draw(dx, dy));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    keepAboveKeyboard();
    // Some phones bring their keyboard up only for a focus that comes with the tap, not behind a
    // request; the toolbox says so if it does not come at all.
    import("../tools/type.js").catch(() => {});
    desk.addEventListener("screen", () => this._show());
    this._show();
    for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
      // Before noVNC's canvas hears of it, which has gestures of its own.
      desk.screen.addEventListener(type, (event) => this._touch(event), { capture: true, passive: false });
    }
  }

  // By which the next tap clicks.
  get button() {
    return this._button;
  }

  set button(button) {
    this._button = button;
    this.dispatchEvent(new Event("change"));
  }

  // Zooms around the middle of what is seen.
  enlarge(ratio) {
    if (!this._glass) return;
    this.zoom.pinch({ ...this._middle(), ratio });
    this.zoom.settle();
  }

  // A step of the wheel, in the middle of what is seen: 1 is down.
  wheel(down) {
    if (!this._glass) return;
    const { x, y } = this._middle();
    this._glass.wheel(x, y, { down });
  }

  _middle() {
    const { left, top, width, height } = this._glass.box.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  _show() {
    const { rfb, canvas } = this._desk;
    this._do(this._gestures.cancel());
    this._stop();
    this._sign.remove();
    this._glass = rfb && new Glass(rfb, canvas);
    this.zoom.show(this._glass);
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
    if (type === "touchcancel") {
      this._sign.remove();
      this._do(this._gestures.cancel());
    }
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
    for (const action of actions) {
      if (!ACTS.has(action.type) || !this._looks()) this._ways[action.type].call(this, action);
    }
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
      this._dragged = { x, y };
      this._edge.near(x, y, this.zoom.roomy ? this._glass.box.getBoundingClientRect() : null);
    },
    release({ x, y }) {
      this._sign.remove();
      this._edge.leave();
      this._glass.release(x, y);
    },
    slide({ first, x, y, dx, dy }) {
      if (first) {
        this._sign.remove();
        this._pans = this.zoom.roomy;
      }
      if (this._pans) this.zoom.pan(dx, dy);
      else if (!this._looks()) this._glass.point(x, y);
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
      this.zoom.pinch(action);
    },
    pinched() {
      this.zoom.settle();
    },
  };

  // What is under the fingers goes with them: down is the wheel's way up.
  _turn(pixels, x, y, way) {
    const steps = Math.trunc(pixels / WHEEL_PIXELS);
    for (let n = 0; n < Math.abs(steps); n++) this._glass.wheel(x, y, { [way]: -Math.sign(steps) });
    return pixels - steps * WHEEL_PIXELS;
  }

  // A drag at the edge goes on in what was not seen.
  _draw(dx, dy) {
    if (this.zoom.pan(dx, dy)) this._glass.drag(this._dragged.x, this._dragged.y);
  }

  // Whether the person has chosen to look only, or to move the picture and nothing else
  // (display/pan.js).
  _looks() {
    return this._desk.rfb?.viewOnly || this._desk.screen.classList.contains("moves");
  }

  _push(speed) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let last = performance.now();
    const move = (now) => {
      speed = glide(speed, now - last);
      last = now;
      if (!speed) return;
      this.zoom.pan(speed.dx, speed.dy);
      this._frame = requestAnimationFrame(move);
    };
    this._frame = requestAnimationFrame(move);
  }

  _stop() {
    cancelAnimationFrame(this._frame);
  }
}
