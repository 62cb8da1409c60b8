// How a person wants the machine's screen: what was said in this page goes before what the link
// asks for, that before what the browser remembers, and that before what is usual. No DOM.

// What there is to choose from, the usual first. `size`: scaled to the window, one pixel for a pixel
// (times `zoom`), or the machine's screen made as large as the window; `finest`: then with a pixel
// for each of the display's, however small.
const CHOICES = {
  size: ["scale", "off", "remote"],
  enlarge: [true, false],
  zoom: [1, 2, 3],
  finest: [false, true],
  quality: ["automatic", "best", "balanced", "save"],
  dot: [false, true],
  viewOnly: [false, true],
};
// A console that is silent though nobody remembers why would be worse than a click more.
const FORGOTTEN = ["viewOnly"];

// Levels of Tight's JPEG quality and of compression. Those of "balanced" are said with the
// websocket's request (opening.js).
const LEVELS = { best: [9, 2], balanced: [6, 2], save: [2, 9] };

const TRUTHS = new Map(
  Object.entries({ true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false }),
);
const truth = (text) => TRUTHS.get(text.toLowerCase());
const digit = (text) => (/^\d$/.test(text) ? Number(text) : undefined);
const size = (text) => (CHOICES.size.includes(text) ? text : undefined);
// The names are noVNC's.
const PARAMETERS = {
  scale: ["size", (text) => ({ true: "scale", false: "off" })[truth(text)]], // of vnc_lite.html
  resize: ["size", size],
  quality: ["qualityLevel", digit],
  compression: ["compressionLevel", digit],
  show_dot: ["dot", truth],
  view_only: ["viewOnly", truth],
};

// Events: "change", of any choice.
export class Choices extends EventTarget {
  // `query` is a Map of the link's parameters, as they stand in it.
  constructor(query, preferences, warn = console.warn) {
    super();
    this._preferences = preferences;
    this._said = new Map();
    for (const [parameter, [name, read]] of Object.entries(PARAMETERS)) {
      if (!query.has(parameter)) continue;
      const value = read(query.get(parameter));
      if (value === undefined) warn(`The link's ${parameter} is not understood, and ignored.`);
      else this._said.set(name, value);
    }
    this._measured = "balanced";
  }

  // What "automatic" has come to.
  set measured(quality) {
    this._measured = quality;
    this.dispatchEvent(new Event("change"));
  }

  get measured() {
    return this._measured;
  }

  get(name) {
    if (this._said.has(name)) return this._said.get(name);
    const kept = FORGOTTEN.includes(name) ? undefined : this._preferences.get(name);
    return CHOICES[name].includes(kept) ? kept : CHOICES[name][0];
  }

  set(name, value) {
    this._said.set(name, value);
    if (name === "quality") {
      this._said.delete("qualityLevel");
      this._said.delete("compressionLevel");
    }
    if (!FORGOTTEN.includes(name)) this._preferences.set(name, value);
    this.dispatchEvent(new Event("change"));
  }

  // Whether the link names levels of its own, in place of the choice of a quality.
  get linked() {
    return this._said.has("qualityLevel") || this._said.has("compressionLevel");
  }

  // The levels of quality and compression.
  levels() {
    const chosen = this.get("quality");
    const [quality, compression] = LEVELS[chosen === "automatic" ? this.measured : chosen];
    if (!this.linked) return [quality, compression];
    return [
      this._said.get("qualityLevel") ?? LEVELS.balanced[0],
      this._said.get("compressionLevel") ?? LEVELS.balanced[1],
    ];
  }
}
