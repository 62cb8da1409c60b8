// Text from this computer: typed into the machine, or put on its clipboard.
import { Metronome, PACES, keyEvents } from "../keyboard/keystream.js";
import { layoutOf } from "../keyboard/choice.js";
import { LAYOUTS, loadLayout } from "../keyboard/layouts.js";
import { type } from "../keyboard/typist.js";
import english from "../languages/en/paste.json";
import { clipboardOf, fits, offer } from "../paste/clipboard.js";
import { counted, duration, mustAsk, questions, share, summary } from "../paste/question.js";
import { received } from "../paste/received.js";
import { beyondLatin1, nameOf, plan, reached } from "../paste/text.js";
import css from "./paste.css";
import { make, speak } from "./dom.js";

export const title = "tool.paste";

// Half an hour and more at the pace of a machine.
const LONGEST = 100_000;
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(css);

export function open(desk, box) {
  desk.words.learn(english);
  if (!document.adoptedStyleSheets.includes(STYLE)) document.adoptedStyleSheets.push(STYLE);
  const tool = new Paste(desk, box);
  return () => tool.close();
}

class Paste {
  constructor(desk, box) {
    this._desk = desk;
    this._words = desk.words;
    this._stop = null;
    this._said = () => "";
    this._build(box);
    const unspeak = speak(desk, box);
    const say = () => this._say();
    const look = () => this._look();
    desk.addEventListener("words", say);
    desk.addEventListener("screen", look);
    this._undo = () => {
      unspeak();
      this._received.close();
      desk.removeEventListener("words", say);
      desk.removeEventListener("screen", look);
    };
    this._show("idle");
    this._look();
    this._say();
    this._text.focus();
  }

  close() {
    this._stop?.abort();
    this._undo();
    this._state = "closed";
    this._planned = null;
    this._text.value = "";
  }

  _build(box) {
    const button = (id, text, act, more = {}) =>
      make("button", { type: "button", id: `paste-${id}`, text: `paste.${text}`, onclick: act, ...more });
    const field = (id, node) =>
      make("label", { class: "paste-field" }, make("span", { text: `paste.${id}` }), node);
    this._text = make("textarea", {
      id: "paste-text",
      rows: 4,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      autocorrect: "off",
      oninput: () => this._forgetAnswer(),
    });
    this._read = button("read", "read", () => this._readClipboard());
    this._read.hidden = !navigator.clipboard?.readText;
    this._layout = make("select", { id: "paste-layout", onchange: () => this._choose() });
    this._layout.append(...LAYOUTS.map(({ id, name }) => new Option(name, id)));
    this._layout.value = layoutOf(this._desk);
    this._pace = make("select", { id: "paste-pace", onchange: () => this._forgetAnswer() });
    this._pace.append(
      ...Object.keys(PACES).map((pace) => make("option", { value: pace, text: `paste.pace.${pace}` })),
    );
    this._secret = make("input", { type: "checkbox", id: "paste-secret", onchange: () => this._hide() });
    this._type = button("type", "type", () => this._begin(), { class: "main" });
    this._offer = button("offer", "offer", () => this._offerText());
    this._asked = make("div", { class: "paste-asked", id: "paste-asked" });
    this._yes = button("yes", "yes", () => this._run(), { class: "main", "aria-describedby": "paste-asked" });
    const no = make("button", { type: "button", id: "paste-no", text: "cancel", onclick: () => this._refuse() });
    this._progress = make("progress", { id: "paste-progress", max: 1, value: 0 });
    this._note = make("p", { class: "paste-note", id: "paste-note" });
    this._received = received(this._desk, {
      tell: (key) => this._tell(() => this._words.text(key), key),
      heard: () => this._look(),
    });
    const secret = make("label", { class: "paste-check" }, this._secret, make("span", { text: "paste.secret" }));
    const row = (of, ...nodes) => make("div", { class: `paste-row paste-${of}` }, ...nodes);
    const fields = make(
      "div",
      { class: "paste-fields" },
      make("label", { for: "paste-text", text: "paste.text" }),
      this._text,
      row("acts", this._type, this._read, this._offer),
      row("choices", field("layout", this._layout), field("pace", this._pace), secret),
    );
    this._rows = {
      idle: fields,
      asking: make("div", { class: "paste-asking", role: "group" }, this._asked, row("answers", this._yes, no)),
      typing: row("typing", button("stop", "stop", () => this._stop?.abort()), this._progress),
    };
    // A key that is held answers no question that it led to, nor stops what it began.
    const hold = (event) => {
      if (event.repeat && event.key === "Enter" && event.target.matches("button")) event.preventDefault();
    };
    box.append(make("div", { class: "paste", onkeydown: hold }, ...Object.values(this._rows), this._note, this._received.node));
    this._rows.asking.setAttribute("aria-labelledby", "paste-asked");
    this._progress.setAttribute("aria-labelledby", "paste-note");
  }

  _choose() {
    this._desk.preferences.set("layout", this._layout.value);
    this._forgetAnswer();
  }

  _hide() {
    this._text.classList.toggle("paste-hidden", this._secret.checked);
  }

  // Another text is another question.
  _forgetAnswer() {
    if (this._state === "asking") this._show("idle");
    this._tell(() => "");
  }

  _refuse() {
    this._show("idle");
    this._text.focus();
  }

  // Which server there is decides what can be done with its clipboard.
  _look() {
    this._offer.hidden = !clipboardOf(this._desk);
    this._type.disabled = this._offer.disabled = !this._desk.rfb;
  }

  async _readClipboard() {
    try {
      this._text.value = await navigator.clipboard.readText();
      this._forgetAnswer();
      this._type.focus();
    } catch {
      this._tell(() => this._words.text("paste.read-denied"), "paste.read-denied");
      this._text.focus();
    }
  }

  async _begin() {
    if (this._text.value === "") return this._text.focus();
    const { words } = this._desk;
    let layout;
    try {
      layout = await loadLayout(this._layout.value);
    } catch (error) {
      console.error(error);
      return this._tell(() => words.text("tool.missing"), "tool.missing");
    }
    // It was pressed twice, or the tool is closed.
    if (this._state !== "idle") return;
    this._planned = plan(this._text.value, layout, LONGEST);
    if (!this._planned) return this._tell(() => counted(words, "paste.too-long", LONGEST));
    if (!mustAsk(this._planned)) return this._run();
    const asked = { layout: layout.name, secret: this._secret.checked };
    const takes = this._takes(this._planned.strokes);
    this._asked.replaceChildren(
      ...questions(words, this._planned, asked),
      make("p", { class: "paste-sum" }, summary(words, this._planned, takes)),
    );
    this._yes.dataset.text = this._planned.missing.length ? "paste.without" : "paste.yes";
    this._yes.textContent = words.text(this._yes.dataset.text);
    this._yes.disabled = this._planned.strokes.length === 0;
    this._show("asking");
    (this._yes.disabled ? this._text : this._yes).focus();
  }

  _takes(strokes) {
    return new Metronome(keyEvents(strokes), PACES[this._pace.value], 0).left(0);
  }

  async _run() {
    const planned = this._planned;
    const { strokes } = planned;
    const text = this._text.value;
    this._stop = new AbortController();
    this._quarter = 0;
    this._show("typing");
    document.getElementById("paste-stop").focus();
    const mine = (event) => this._guard(event);
    this._desk.screen.addEventListener("keydown", mine, { capture: true });
    const { typed, why } = await type(this._desk, strokes, {
      pace: this._pace.value,
      signal: this._stop.signal,
      progress: (now) => this._advance(now.typed / strokes.length, now.left),
    });
    this._desk.screen.removeEventListener("keydown", mine, { capture: true });
    this._stop = null;
    this._end(why, text, reached(planned, typed));
  }

  // Keys of the person between those of the text would spoil it.
  _guard(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === "Escape") this._stop.abort();
    else this._desk.announce("paste.busy");
  }

  _advance(part, left) {
    const { words } = this._desk;
    this._progress.value = part;
    const values = () => ({ percent: share(words, Math.floor(part * 100) / 100), time: duration(words, left) });
    this._tell(() => words.text("paste.progress", values()));
    if (Math.floor(part * 4) === this._quarter || part === 1) return;
    this._quarter = Math.floor(part * 4);
    this._desk.announce("paste.part", values());
  }

  _end(why, text, at) {
    const { words } = this._desk;
    const [count, total] = [text.slice(0, at), text].map((part) => [...part].length);
    const number = (n) => new Intl.NumberFormat(words.language).format(n);
    const values = () => ({ count: number(count), total: number(total) });
    this._planned = null;
    this._show("idle");
    this._tell(() => words.text(`paste.end.${why}`, values()), `paste.end.${why}`, values());
    if (this._secret.checked) this._text.value = "";
    else if (why !== "done") this._text.setSelectionRange(at, text.length);
    if (isElsewhere()) return;
    if (why === "done") this._desk.focus();
    else this._text.focus();
  }

  _offerText() {
    const text = this._text.value;
    const { words } = this._desk;
    if (!fits(text)) {
      return this._tell(() => words.text("paste.offer-large"), "paste.offer-large");
    }
    const lost = clipboardOf(this._desk) === "latin-1" ? beyondLatin1(text) : [];
    offer(this._desk, text);
    if (this._secret.checked) this._text.value = "";
    if (!lost.length) return this._tell(() => words.text("paste.offered"), "paste.offered");
    const what = this._secret.checked ? "…" : lost.map(nameOf).join(" ");
    this._tell(() => words.text("paste.offered-lossy", { what }));
  }

  _show(state) {
    this._state = state;
    for (const [name, node] of Object.entries(this._rows)) node.hidden = name !== state;
  }

  // Shown as long as it holds; `key` is also read out, once.
  _tell(said, key, values) {
    this._said = said;
    this._say();
    if (key) this._desk.announce(key, values);
  }

  _say() {
    const said = this._said();
    if (this._note.textContent !== said) this._note.textContent = said;
  }
}

// Who has gone to the bar meanwhile stays there, and so does who writes in the page around this one.
function isElsewhere() {
  if (window.parent !== window && !document.hasFocus()) return true;
  return document.getElementById("bar").contains(document.activeElement);
}
