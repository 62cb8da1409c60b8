// What the parts of the page that come later are handed. Events: "screen" (another RFB, or none),
// "words" (another language) and "leaving" (what the machine is to be told still, it is told now).
export class Desk extends EventTarget {
  // `screen` is the element around noVNC's, `query` the link's parameters as they stand in it,
  // `focus` gives the keys to the machine again, `announce` says a text of the catalogue once.
  constructor({ screen, query, preferences, words, focus, announce }) {
    super();
    Object.assign(this, { screen, query, preferences, words, focus, announce });
    this._rfb = null;
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
