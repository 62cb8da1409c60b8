// The line that a person writes into a field, and the machine gets while it is written. No DOM here.
// Keyboards on a screen put words in, take them back and put others in their place: what counts is
// how the field's text differs from before.

// A field that is empty tells nothing of a Backspace: this stands before its text, unseen.
const PAD = "\u200b";
const PADS = 24;
export const EMPTY = PAD.repeat(PADS);

export class Line {
  constructor() {
    this.clear();
  }

  clear() {
    this._units = [];
    this._pads = PADS;
  }

  get text() {
    return this._units.map(({ char }) => char).join("");
  }

  // Whether what stands before the text is nearly used up.
  get bare() {
    return this._pads < PADS / 2;
  }

  // The value that the field gets anew.
  fill() {
    this._pads = PADS;
    return EMPTY + this.text;
  }

  // The field has this value now. Returns { back, text }: how often to press Backspace, and what to
  // type then. `counts` tells of a character whether it takes a place in the machine's line: what the
  // layout cannot write does not, nor what Ctrl made a command of.
  become(value, counts) {
    const chars = [...value.replaceAll(PAD, "").normalize("NFC")];
    const pads = value.split(PAD).length - 1;
    const wasEmpty = this._units.length === 0;
    let same = 0;
    while (same < chars.length && this._units[same]?.char === chars[same]) same++;
    const gone = this._units.slice(same);
    const came = chars.slice(same);
    // A person who selects all and deletes it means the text, not what stands before it.
    const beyond = wasEmpty && chars.length === 0 && pads < this._pads ? 1 : 0;
    this._pads = pads;
    this._units = [...this._units.slice(0, same), ...came.map((char) => ({ char, place: counts(char) }))];
    return { back: beyond + gone.filter(({ place }) => place).length, text: came.join("") };
  }
}

const MOST = 20;

// The last lines, the newest first; nowhere but here.
export class Lines {
  constructor() {
    this._lines = [];
  }

  get all() {
    return [...this._lines];
  }

  add(line) {
    const plain = line.trim();
    if (!plain) return;
    this._lines = [plain, ...this._lines.filter((other) => other !== plain)].slice(0, MOST);
  }

  clear() {
    this._lines = [];
  }
}
