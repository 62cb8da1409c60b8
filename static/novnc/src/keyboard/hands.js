// Stands between all that presses keys and the machine. It knows what is down there, and lets go of
// it when the keys are not the machine's any more: no key stays down for want of its release.
// Events: "pressed" (a key that is no modifier came and went), "released" (all keys are up now),
// "converted" (another part sends something else from now on).
import { Held } from "./held.js";
import { Pressed, isModifier } from "./modifiers.js";

const PERSON = "person";
// Its keys are down for a moment each, whatever else is done in the page, and it lets go of them itself.
const TYPIST = "typist";
const hands = new WeakMap();

// The same for all parts of the page.
export function handsOf(desk) {
  if (!hands.has(desk)) hands.set(desk, new Hands(desk));
  return hands.get(desk);
}

class Hands extends EventTarget {
  constructor(desk) {
    super();
    this._desk = desk;
    this._held = new Held();
    this._keyboard = new Pressed();
    this._left = [];
    // The last key of the person's that went down here: it is the one that repeats.
    this._last = null;
    this._send = null;
    // What another part sends instead of the person's keys: { has(code) }.
    this.converted = null;
    this._take();
    desk.addEventListener("screen", () => this._take());
    this._watch(desk.screen);
  }

  // Whether the person's keyboard has that key of the machine down.
  holds(code) {
    return this._held.holds(code, PERSON);
  }

  isDown(code) {
    return this._held.has(null, code);
  }

  // Presses or releases a key of the machine, or both where `down` is not given. `by` holds it: it
  // stays down until all that hold it have released it.
  key(keysym, code, down, by = PERSON) {
    if (down === undefined) {
      this.key(keysym, code, true, by);
      this.key(keysym, code, false, by);
      return;
    }
    const { rfb } = this._desk;
    if (!rfb || (down && rfb.viewOnly)) return;
    const key = this._held[down ? "press" : "release"](keysym, code, by);
    if (key) this._tell(key, down);
    if (!down && !isModifier(code)) this.dispatchEvent(new Event("pressed"));
  }

  // All keys but those of a text that is being typed.
  release() {
    this._last = null;
    const { rfb } = this._desk;
    for (const key of this._held.clear(TYPIST)) this._tell(key, false);
    // noVNC keeps a list of its own, which it gives up with the keyboard.
    if (rfb && !rfb.viewOnly) {
      rfb.viewOnly = true;
      rfb.viewOnly = false;
    }
    this.dispatchEvent(new Event("released"));
  }

  // All keys of noVNC and of the page go through here. What was down when a screen was lost is
  // released on the next one: the machine may still wait for that.
  _take() {
    const { rfb } = this._desk;
    if (!rfb) {
      this._last = null;
      this._left.push(...this._held.clear());
      this.dispatchEvent(new Event("released"));
      return;
    }
    this._send = rfb.sendKey.bind(rfb);
    rfb.sendKey = (keysym, code, down, by) => {
      if (rfb === this._desk.rfb) this.key(keysym, code, down, by);
    };
    // This part may come when keys are down already.
    for (const { keysym, code } of rfb.down) this._held.press(keysym, code, PERSON);
    for (const key of this._left.splice(0)) this._tell(key, false);
  }

  // noVNC says nothing while it is to look only, not even the releases of what was down before.
  _tell({ keysym, code }, down) {
    const { rfb } = this._desk;
    const { viewOnly } = rfb;
    if (viewOnly) rfb.viewOnly = false;
    this._send(keysym, code, down);
    if (viewOnly) rfb.viewOnly = true;
  }

  _watch(screen) {
    const release = () => this.release();
    screen.addEventListener("focusout", (event) => {
      if (!screen.contains(event.relatedTarget)) release();
    });
    addEventListener("blur", release);
    this._desk.addEventListener("leaving", release);
    for (const type of ["visibilitychange", "freeze", "fullscreenchange"]) {
      document.addEventListener(type, release);
    }
    screen.addEventListener("keydown", (event) => this._down(event), { capture: true });
    const up = ({ code }) => {
      if (code === this._last) this._last = null;
      this._keyboard.up(code);
    };
    screen.addEventListener("keyup", up, { capture: true });
  }

  _down(event) {
    const { code, key } = event;
    if (!event.repeat) this._last = code;
    // The key that led here, from a button say, is still down: its repetition is not the machine's.
    // What is pressed with a Mac's Meta is, though noVNC has let go of it at once.
    const isOurs = code === this._last || this.isDown(code) || this.converted?.has(code);
    if (event.repeat && !isOurs) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    // Input methods keep the release of a dead key for themselves, as in Chrome on Linux.
    if (key === "Dead") {
      setTimeout(() => event.target.dispatchEvent(new KeyboardEvent("keyup", event)));
    }
    if (isModifier(code)) return this._keyboard.down(code, key);
    for (const lost of this._keyboard.lost((name) => event.getModifierState(name))) {
      this.key(null, lost, false);
    }
  }
}
