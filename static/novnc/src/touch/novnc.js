// The machine's screen as fingers need it. The one place that knows what noVNC does not document:
// `rfb._display` (its `scale` is by which noVNC turns points of the page into points of the machine)
// and the events of its own gestures, which it takes on its canvas. They press buttons without the
// layer over the page by which noVNC follows a mouse, and which would take the next finger.

export class Glass {
  constructor(rfb, canvas) {
    this._display = rfb._display;
    this.canvas = canvas;
    // It scrolls.
    this.box = canvas.parentElement;
  }

  get scale() {
    return this._display.scale;
  }

  set scale(scale) {
    this._display.scale = scale;
    // As display/screen.js has it: what is not whole would be jagged.
    const dots = scale * devicePixelRatio;
    const whole = Math.abs(dots - Math.round(dots)) < 0.001;
    this.canvas.style.imageRendering = whole ? "pixelated" : "auto";
  }

  get picture() {
    const { width, height } = this.canvas;
    return { width, height };
  }

  get view() {
    const { width, height } = this.box.getBoundingClientRect();
    return { width, height };
  }

  click(button, x, y) {
    this._gesture("gesturestart", { left: "onetap", right: "twotap", middle: "threetap" }[button], x, y);
  }

  press(x, y) {
    this._gesture("gesturestart", "drag", x, y);
  }

  drag(x, y) {
    this._gesture("gesturemove", "drag", x, y);
  }

  release(x, y) {
    this._gesture("gestureend", "drag", x, y);
  }

  point(x, y) {
    this.canvas.dispatchEvent(new MouseEvent("mousemove", { clientX: x, clientY: y }));
  }

  // One step of the wheel: -1 is up, or to the left.
  wheel(x, y, { across = 0, down = 0 }) {
    const step = { deltaX: across * WHEEL_PIXELS, deltaY: down * WHEEL_PIXELS };
    this.canvas.dispatchEvent(new WheelEvent("wheel", { clientX: x, clientY: y, ...step }));
  }

  // noVNC draws the pointer over the page, where it would stay while the picture moves.
  hidePointer() {
    this.canvas.dispatchEvent(new MouseEvent("mouseleave"));
  }

  _gesture(event, type, clientX, clientY) {
    this.canvas.dispatchEvent(new CustomEvent(event, { detail: { type, clientX, clientY } }));
  }
}

// By so many pixels noVNC takes a wheel for turned by one step.
const WHEEL_PIXELS = 50;
