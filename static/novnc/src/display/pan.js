// Moving a picture that is larger than its room: by dragging it, and by the arrow keys. Everything
// else that is typed is still for the machine.
// Pixels of CSS.
const STEP = 60;
const KEYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
// What noVNC would hear of a mouse, or of fingers: the browser scrolls by wheel and fingers itself.
const HELD_BACK = [
  ...["mousedown", "mousemove", "mouseup", "click", "contextmenu", "wheel"],
  ...["touchstart", "touchmove", "touchend", "touchcancel"],
];

export class Pan {
  // `changed` is called when it is on or off otherwise than by `toggle` and `stop`.
  constructor(desk, changed) {
    this._desk = desk;
    this._screen = desk.screen;
    this._changed = changed;
    this._ends = null;
  }

  get on() {
    return Boolean(this._ends);
  }

  toggle() {
    if (this.on) this.stop();
    else this._start();
    this._changed();
  }

  stop() {
    this._ends?.abort();
    this._ends = null;
    this._screen.classList.remove("moves");
  }

  _start() {
    this._ends = new AbortController();
    const options = { capture: true, signal: this._ends.signal };
    const listen = (type, act) => this._screen.addEventListener(type, act, options);
    for (const type of HELD_BACK) listen(type, (event) => event.stopPropagation());
    this._screen.classList.add("moves");
    let from = null;
    listen("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button) return;
      this._screen.setPointerCapture(event.pointerId);
      from = event;
    });
    listen("pointermove", (event) => {
      if (!from) return;
      this._by(from.clientX - event.clientX, from.clientY - event.clientY);
      from = event;
    });
    for (const type of ["pointerup", "pointercancel"]) listen(type, () => (from = null));
    listen("keydown", (event) => this._press(event));
  }

  _press(event) {
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    const [x, y] = (plain && KEYS[event.key]) || [];
    if (x === undefined && event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    if (x !== undefined) return this._by(x * STEP, y * STEP);
    this.stop();
    this._changed();
  }

  _by(x, y) {
    // noVNC's element around its canvas scrolls.
    this._desk.canvas?.parentElement.scrollBy(x, y);
  }
}
