// How the picture is shown while a person zooms it: larger than noVNC would, and which part of it.
// Without a zoom, size and scrolling are noVNC's and the display tool's.
import { glance, into, written } from "./follow.js";
import { legible, limits, scrollTo, settles, zoomed } from "./lens.js";

// An echo comes within the first; a slow machine's within the second.
const ECHO_MILLISECONDS = [150, 600];

const isTight = () => document.documentElement.classList.contains("tight");

// Events: "change" of `times`.
export class Zoom extends EventTarget {
  constructor() {
    super();
    this._glass = null;
    this._styled = new MutationObserver(() => this._rescaled());
  }

  // Another screen, or none.
  show(glass) {
    this._styled.disconnect();
    this._glass = glass;
    this._zoom = null;
    this._written = null;
    if (glass) {
      this._styled.observe(glass.canvas, { attributeFilter: ["style"] });
      this._keepLegible();
    }
    this._changed();
  }

  // 1 is as large as noVNC shows the picture by itself.
  get times() {
    return this._zoom ? this._zoom.scale / this._zoom.own : 1;
  }

  // Whether there is more of the picture than is seen.
  get roomy() {
    const { box } = this._glass;
    return box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  }

  // Around a point of the page, which has itself moved by dx and dy.
  pinch({ x, y, ratio, dx = 0, dy = 0 }) {
    const glass = this._glass;
    const { canvas, box, picture } = glass;
    if (!picture.width) return;
    const { own } = this._zoom ?? this._begin();
    this._zoom.helps = false;
    const seen = canvas.getBoundingClientRect();
    const spot = {
      x: Math.min(Math.max((x - dx - seen.left) / glass.scale, 0), picture.width),
      y: Math.min(Math.max((y - dy - seen.top) / glass.scale, 0), picture.height),
    };
    glass.hidePointer();
    this._scale(zoomed(glass.scale, ratio, limits(glass.view, picture, own)));
    const { left, top } = box.getBoundingClientRect();
    this._look(spot, { x: x - left, y: y - top });
    this._changed();
  }

  // A pinch is over.
  settle() {
    if (this._zoom && settles(this._zoom.scale, this._zoom.own)) this.fit();
  }

  fit() {
    if (!this._zoom) return;
    const { own, sharpness } = this._zoom;
    this._zoom = null;
    this._glass.scale = own;
    this._glass.canvas.style.imageRendering = sharpness;
    this._changed();
  }

  // Returns whether there was anything to move.
  pan(dx, dy) {
    const { box } = this._glass;
    const before = [box.scrollLeft, box.scrollTop];
    this._glass.hidePointer();
    box.scrollBy({ left: -dx, top: -dy, behavior: "instant" });
    this._note();
    return box.scrollLeft !== before[0] || box.scrollTop !== before[1];
  }

  // Keeps what is written in sight: called before something is typed, it returns what is to be called
  // when that has been.
  follow() {
    if (!this._glass) return () => {};
    const before = glance(this._glass.canvas);
    return () => {
      for (const wait of ECHO_MILLISECONDS) setTimeout(() => this._follow(before), wait);
    };
  }

  _follow(before) {
    if (!this._glass) return;
    const { box, canvas, scale } = this._glass;
    const piece = written(before, glance(canvas));
    if (!piece) return;
    this._written = piece;
    const seen = {
      left: box.scrollLeft / scale,
      top: box.scrollTop / scale,
      width: box.clientWidth / scale,
      height: box.clientHeight / scale,
    };
    const { dx, dy } = into(piece, seen);
    if (dx || dy) this.pan(-dx * scale, -dy * scale);
  }

  _begin() {
    const { scale, canvas } = this._glass;
    this._zoom = { own: scale, scale, sharpness: canvas.style.imageRendering, room: this._room() };
    return this._zoom;
  }

  // Pixels of one size, as some scales of noVNC's have them, would be uneven at others.
  _scale(scale) {
    this._zoom.scale = scale;
    this._zoom.room = this._room();
    this._glass.scale = scale;
    this._glass.canvas.style.imageRendering = "auto";
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
    const [before, glass] = [this._zoom, this._glass];
    if (!before) return this._keepLegible();
    if (glass.scale === before.scale) return;
    this._zoom = null;
    const over = before.room === this._room() || before.scale <= glass.scale;
    if (over || (before.helps && !isTight())) this._keepLegible();
    else this._take(before.scale, before.middle);
    this._changed();
  }

  // Where the phone's keyboard leaves so little that all of the picture is too small to be read, a
  // part of it is shown: where the machine was last seen to write, else its last lines. Once: a person
  // may want it otherwise.
  _keepLegible() {
    const { view, picture, scale } = this._glass;
    if (!isTight()) this._helped = false;
    else if (!this._helped && picture.width) {
      const wanted = legible(view, picture, scale);
      this._helped = wanted > scale;
      if (!this._helped) return;
      this._take(wanted, this._written ?? { x: 0, y: picture.height });
      this._zoom.helps = true;
      this._changed();
    }
  }

  _take(scale, spot) {
    this._begin();
    this._scale(scale);
    const { clientWidth, clientHeight } = this._glass.box;
    this._look(spot, { x: clientWidth / 2, y: clientHeight / 2 });
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
