// Measures the console of a page: asks the proxy for echoes, and counts what is received and drawn,
// for as long as somebody watches. All parts that do share one.
import { readFacts } from "./facts.js";
import { FAIR, Meter } from "./meter.js";

// While the round trip is long, it is looked at as often as this.
const UNEASY_MILLISECONDS = 2000;
// An echo that takes longer is taken for lost.
const LOST_MILLISECONDS = 15_000;
// The proxy does not answer those that come too soon behind one another.
const APART_MILLISECONDS = 500;

const MODIFIERS = new Set(["Alt", "AltGraph", "CapsLock", "Control", "Meta", "Shift"]);

const gauges = new WeakMap();

export function gaugeOf(desk) {
  if (!gauges.has(desk)) gauges.set(desk, new Gauge(desk));
  return gauges.get(desk);
}

class Gauge {
  constructor(desk) {
    this._desk = desk;
    this._meter = new Meter();
    this._watchers = new Set();
    this._timer = 0;
    this._number = 0;
    this._said = -Infinity;
    this._drawn = 0;
    this._received = null;
    this._looks = false;
    this._canvas = null;
    this._facts = null;
    this._began = null;
    desk.addEventListener("facts", () => this._learn());
    desk.addEventListener("echo", ({ detail }) => this._echoed(detail));
    desk.addEventListener("screen", () => this._screen());
    this._learn();
  }

  // What the proxy says of the session; null if it says nothing.
  get facts() {
    return this._facts;
  }

  // When the session began, in milliseconds since 1970; null if the proxy does not say.
  get began() {
    return this._began;
  }

  // Has `tell` called with what Meter.read returns, every so many milliseconds and with each echo;
  // `pictures` says whether these, and the time from a key to one, are wanted. Returns what ends it.
  watch(tell, every, { pictures = false } = {}) {
    const watcher = { tell, every, pictures };
    this._watchers.add(watcher);
    this._attach();
    this._tick();
    return () => {
      this._watchers.delete(watcher);
      this._attach();
      if (!this._watchers.size) clearTimeout(this._timer);
    };
  }

  // Asks for an echo whether anything happens or not. Returns whether there is one to wait for: not of
  // an older proxy, and not where one has come just now.
  ask() {
    const now = performance.now();
    const { asked } = this._meter;
    const soon = now - this._said < APART_MILLISECONDS;
    if (!this._answers || (asked === null && soon)) return false;
    if (!soon) this._say(now);
    return true;
  }

  _learn() {
    const { text, at } = this._desk.facts ?? {};
    const facts = text ? readFacts(text) : null;
    if (facts) {
      const began = at - 1000 * facts.age;
      // A session that comes back is the same; its proxy may count anew.
      const same = facts.session === this._facts?.session;
      this._began = same ? Math.min(began, this._began) : began;
      this._facts = facts;
    }
    // Nothing is asked of a proxy that has not said that it answers.
    this._answers = Boolean(facts);
    this._meter.reset();
  }

  _tick() {
    clearTimeout(this._timer);
    // A page that is not seen is slow by itself.
    if (!document.hidden && this._desk.rfb) this._measure();
    this._tell();
    const every = Math.min(...[...this._watchers].map((watcher) => watcher.every));
    const wait = this._uneasy ? Math.min(every, UNEASY_MILLISECONDS) : every;
    this._timer = setTimeout(() => this._tick(), wait);
  }

  get _uneasy() {
    const { roundTrip, latest } = this._meter.read(performance.now());
    return Math.max(roundTrip, latest) > FAIR;
  }

  _measure() {
    const now = performance.now();
    const { received } = this._desk;
    const idle = received === this._received;
    this._received = received;
    this._meter.feed(now, received, this._canvas ? this._drawn : null);
    // Thousands of consoles in which nothing happens are left in peace, unless somebody looks.
    if (idle && !this._looks && !this._uneasy) return;
    if (now - this._meter.asked > LOST_MILLISECONDS) this._meter.give();
    if (!this._answers || this._meter.asked !== null) return;
    if (now - this._said >= APART_MILLISECONDS) this._say(now);
  }

  _say(now) {
    this._number += 1;
    this._said = now;
    this._desk.say(`echo ${this._number}`);
    this._meter.ask(now);
  }

  _echoed(number) {
    if (number !== String(this._number)) return;
    this._meter.echo(performance.now());
    this._tell();
  }

  _tell() {
    const reading = this._meter.read(performance.now());
    for (const { tell } of this._watchers) tell(reading);
  }

  _screen() {
    this._meter.reset();
    this._attach();
  }

  // noVNC shows each picture by one drawImage on the visible canvas, and says so in no other way.
  _attach() {
    const wanted = (this._looks = [...this._watchers].some((watcher) => watcher.pictures));
    const { rfb, screen } = this._desk;
    const canvas = wanted && rfb ? this._desk.canvas : null;
    if (canvas === this._canvas) return;
    if (this._canvas) {
      delete this._canvas.getContext("2d").drawImage;
      screen.removeEventListener("keydown", this._pressed, true);
    }
    this._canvas = canvas;
    if (!canvas) return;
    const context = canvas.getContext("2d");
    const { drawImage } = CanvasRenderingContext2D.prototype;
    context.drawImage = (...drawn) => {
      drawImage.apply(context, drawn);
      this._drawn += 1;
      this._meter.draw(performance.now());
    };
    screen.addEventListener("keydown", this._pressed, true);
  }

  // A key that only changes others changes no picture.
  _pressed = ({ key, repeat }) => {
    if (!repeat && !MODIFIERS.has(key)) this._meter.key(performance.now());
  };
}
