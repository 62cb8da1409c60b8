// noVNC's RFB, with sizes of our own. Its methods that are replaced here are not for the public;
// the version of noVNC is a fixed one, and tests/browser/test_display_sizes.py looks at the result.
import RFB from "@novnc/novnc";
import { factor, pixels, wanted } from "./sizes.js";

const PASSED_ON = 4;

export class SizedRFB extends RFB {
  // `spare` tells how much higher, in pixels of CSS, the room is that the machine may be asked to
  // fill: it is not to change its screen whenever a tool is opened.
  constructor(target, channel, choices, spare) {
    super(target, channel);
    this.background = "transparent";
    this.focusOnClick = true;
    this._choices = choices;
    this._spare = spare;
    // What the server last said to a wish for another size, as its ExtendedDesktopSize has it (0:
    // done, 4: passed on to the machine); null before, undefined where it does not offer to hear any.
    this.resized = undefined;
    this.down = [];
    this.adopt();
  }

  // What is down before keyboard/hands.js has come is kept for it: { keysym, code } of each.
  sendKey(keysym, code, down) {
    super.sendKey(keysym, code, down);
    if (down === undefined || this.viewOnly) return;
    this.down = this.down.filter((key) => key.code !== code || key.keysym !== keysym);
    if (down) this.down.push({ keysym, code });
  }

  // Lets the choices count. A server that is told of other levels continues its stream.
  adopt() {
    const choices = this._choices;
    this.viewOnly = choices.get("viewOnly");
    this.showDotCursor = choices.get("dot");
    [this.qualityLevel, this.compressionLevel] = choices.levels();
    // Who has zoomed with fingers keeps that, unless another size is wanted.
    const shape = [...this._wished(), devicePixelRatio].join();
    if (shape !== this._shape) this.scaleViewport = true;
    this._shape = shape;
    this.resizeSession = choices.get("size") === "remote";
  }

  _wished() {
    return ["size", "enlarge", "zoom"].map((name) => this._choices.get(name));
  }

  // In pixels of the display.
  _room(spare = 0) {
    const { width, height } = this._screen.getBoundingClientRect();
    return { width: pixels(width, devicePixelRatio), height: pixels(height + spare, devicePixelRatio) };
  }

  _updateScale() {
    if (!this._fbWidth) return;
    const [size, enlarge, zoom] = this._wished();
    const picture = { width: this._fbWidth, height: this._fbHeight };
    const dots = factor({ size, enlarge, zoom }, this._room(), picture, devicePixelRatio);
    this._canvas.style.imageRendering = Number.isInteger(dots) ? "pixelated" : "auto";
    this._display.scale = dots / devicePixelRatio;
    this._fixScrollbars();
  }

  // What the machine's screen is wished to be.
  _screenSize() {
    const room = this._room();
    // A page that is not shown has none.
    if (!room.width || !room.height) return { w: this._fbWidth, h: this._fbHeight };
    const finest = this._choices.get("finest");
    const { width, height } = wanted({ finest }, this._room(this._spare()), devicePixelRatio);
    return { w: width, h: height };
  }

  // Num Lock and its like: what the machine shows of them is told here, and nothing else tells it.
  _handleLedEvent() {
    if (!super._handleLedEvent()) return false;
    this.dispatchEvent(new Event("lights"));
    return true;
  }

  // noVNC asks again for as long as the answer is another size. A server that rounds what it is asked
  // for would be asked, and change the machine's screen, ten times a second.
  _requestRemoteResize() {
    const { w, h } = this._screenSize();
    const wish = `${w}x${h}`;
    if (this._answered && wish === this._asked) return;
    const before = this._lastResize;
    super._requestRemoteResize();
    if (this._lastResize !== before) this._asked = wish;
  }

  _handleExtendedDesktopSize() {
    const { x, y } = this._FBU;
    this._answered = x === 1;
    const whole = super._handleExtendedDesktopSize();
    this._answered = false;
    if (!whole) return false;
    if (x === 1) this.resized = y;
    // QEMU passes a wish on to the machine, which then is seen to have followed it.
    else this.resized = this.resized === PASSED_ON ? 0 : this.resized ?? null;
    this.dispatchEvent(new Event("resizable"));
    return true;
  }
}

// Calls back whenever the display's pixels become others: another monitor, or the browser's zoom.
export function watchRatio(changed) {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  query.addEventListener("change", () => (changed(), watchRatio(changed)), { once: true });
}
