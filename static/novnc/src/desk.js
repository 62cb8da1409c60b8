// What the parts of the page that come later are handed. Events: "screen" (another RFB, or none),
// "words" (another language), "state" (it may have changed, and the page shows it), "name", "facts"
// (what the proxy says of the session), "echo", and "leaving" (what the machine is to be told still,
// it is told now).
export class Desk extends EventTarget {
  // `screen` is the element around noVNC's, `query` the link's parameters as they stand in it,
  // `choices` are how the screen is wanted (display/choices.js), `focus` gives the keys to the
  // machine again, `announce` says a text of the catalogue once, `lose` gives the connection up and
  // has another one made.
  constructor({ screen, query, preferences, choices, words, focus, announce, lose }) {
    super();
    Object.assign(this, { screen, query, preferences, choices, words, focus, announce, lose });
    this._rfb = null;
    this._state = null;
    this._name = "";
    this.facts = null;
    // Bytes that the proxy has sent, of all screens.
    this.received = 0;
  }

  // The state of the machine in machine.js; null until the page shows one.
  get state() {
    return this._state;
  }

  set state(state) {
    this._state = state;
    this.dispatchEvent(new Event("state"));
  }

  // What the screen calls itself; empty until it has.
  get name() {
    return this._name;
  }

  set name(name) {
    this._name = name;
    this.dispatchEvent(new Event("name"));
  }

  // There is another connection: `say` sends a word beside its stream.
  meet(say) {
    this.say = say;
    this.facts = null;
    this.dispatchEvent(new Event("facts"));
  }

  // The proxy has said a word. With `facts`, { text, at }, it has also said that it sends an `echo`
  // and its number back; one that has not would take that for a fault.
  hear(text) {
    const [word, rest] = text.split(" ", 2);
    if (word === "facts") this.facts = { text, at: Date.now() };
    if (["facts", "echo"].includes(word)) {
      this.dispatchEvent(new CustomEvent(word, { detail: rest }));
    }
  }

  // noVNC's RFB of the screen that is shown; null while there is none.
  get rfb() {
    return this._rfb;
  }

  // noVNC's canvas, which has the focus while keys are the machine's.
  get canvas() {
    return this.screen.lastElementChild?.querySelector("canvas");
  }

  set rfb(rfb) {
    if (rfb === this._rfb) return;
    this._rfb = rfb;
    this.dispatchEvent(new Event("screen"));
  }
}
