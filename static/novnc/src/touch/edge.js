// A finger that drags at the edge of what is seen pulls more of it into sight.
import { pull } from "./lens.js";

export class Edge {
  // `draw` hears by how much, in each frame.
  constructor(draw) {
    this._draw = draw;
    this._pull = null;
    this._frame = 0;
  }

  // Where the finger is, and the box that it is in; null where all is seen.
  near(x, y, box) {
    this._pull = box && pull(x, y, box);
    if (this._pull && !this._frame) this._frame = requestAnimationFrame(() => this._go());
  }

  leave() {
    this._pull = null;
  }

  _go() {
    this._frame = 0;
    if (!this._pull) return;
    this._draw(this._pull.dx, this._pull.dy);
    this._frame = requestAnimationFrame(() => this._go());
  }
}
