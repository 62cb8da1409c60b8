// A line for the keyboard of a phone. The machine gets what is written while it is written; below it
// are the keys that phones lack, and the last lines.
import { layoutOf } from "../keyboard/choice.js";
import { handsOf } from "../keyboard/hands.js";
import { loadLayout } from "../keyboard/layouts.js";
import { MODIFIERS, OTHERS } from "../keyboard/row.js";
import { strokes } from "../keyboard/strokes.js";
import { type } from "../keyboard/typist.js";
import keys from "../languages/en/keys.json";
import english from "../languages/en/touch.json";
import { EMPTY, Line, Lines } from "../touch/line.js";
import { attend } from "../touch/touch.js";
import { make, speak } from "./dom.js";
import { modifiers } from "./modifiers.js";
import css from "./type.css";

export const title = "tool.type";

const BACKSPACE = { code: "Backspace", keysym: 0xff08, modifiers: [] };
const HELD = ["keys.ctrl", "keys.alt"];
const TAPPED = ["keys.esc", "keys.tab", "keys.left", "keys.up", "keys.down", "keys.right"];
const ARROWS = new Map(
  OTHERS.filter(({ key: [code] }) => code.startsWith("Arrow")).map(({ key }) => key),
);
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(css);
document.adoptedStyleSheets.push(STYLE);

// Kept nowhere else: they go with the page.
const lines = new Lines();

export function open(desk, box) {
  desk.words.learn({ ...keys, ...english });
  const tool = new Type(desk, box);
  return () => tool.close();
}

class Type {
  constructor(desk, box) {
    this._desk = desk;
    this._hands = handsOf(desk);
    this._zoom = attend(desk).zoom;
    this._line = new Line();
    this._hidden = false;
    this._over = new AbortController();
    this._build(box);
    desk.addEventListener("screen", () => this._begin(), { signal: this._over.signal });
    this._showLines();
    this._quiet = speak(desk, box);
    this._begin();
    this._field.focus();
    this._load();
  }

  close() {
    this._over.abort();
    this._letGo();
    this._quiet();
  }

  _build(box) {
    const keep = (event) => event.preventDefault();
    // The field keeps the focus, and with it the phone its keyboard.
    const button = ({ sign, text, ...given }, act) =>
      make(
        "button",
        { type: "button", onmousedown: keep, onclick: act, ...(sign ? { label: text } : {}), ...given },
        sign ?? make("span", { text }),
      );
    this._field = make("textarea", {
      id: "type-text",
      label: "touch.text",
      rows: 1,
      wrap: "off",
      autocomplete: "off",
      autocapitalize: "none",
      autocorrect: "off",
      spellcheck: "false",
      enterkeyhint: "send",
      oninput: () => this._input(),
      oncompositionend: () => this._input(),
      onkeydown: (event) => this._press(event),
    });
    this._secret = button({ id: "type-secret", text: "touch.secret", "aria-pressed": "false" }, () => this._hide());
    this._forget = button({ id: "type-forget", text: "touch.forget" }, () => this._forgetLines());
    this._kept = make("div", { class: "type-row", role: "group", label: "touch.lines" });
    const held = modifiers(this._hands, button, MODIFIERS.filter(({ text }) => HELD.includes(text)));
    this._letGo = held.undo;
    this._commands = held.any;
    const taps = OTHERS.filter(({ text }) => TAPPED.includes(text)).map(({ text, sign, key }) =>
      button({ text, sign }, () => this._tap(key)),
    );
    box.append(
      make("div", { class: "type-line" }, this._field, this._secret),
      make("div", { class: "type-row", role: "group", label: "tool.keys" }, ...held.buttons, ...taps),
      this._kept,
    );
  }

  async _load() {
    this._layout = await loadLayout(layoutOf(this._desk));
    this._input();
  }

  // An empty field, and no line of the machine's that it would go on with.
  _begin() {
    this._line.clear();
    this._field.value = this._line.fill();
    this._field.disabled = !this._desk.rfb;
    this._unknown = this._hidden;
    this._spent = false;
  }

  _input(event) {
    if (!this._layout || this._field.disabled) return;
    const [first, ...more] = this._field.value.split("\n");
    this._become(first);
    for (const next of more) {
      this._enter();
      this._become(EMPTY + next);
    }
    // Where a keyboard is composing, the field is its own until that is over.
    if (event?.isComposing) return;
    if (this._spent) this._begin();
    else if (more.length > 0 || this._line.bare) this._field.value = this._line.fill();
  }

  _become(value) {
    const command = this._commands();
    const { back, text } = this._line.become(value, (char) => !command && this._has(char));
    const plan = strokes(text, this._layout);
    if (plan.missing.length) this._desk.announce("touch.missing", { what: plan.missing.join(" ") });
    // What Ctrl makes of a letter is no part of a line.
    this._spent ||= command && text !== "";
    this._send([...Array(back).fill(BACKSPACE), ...plan.strokes]);
  }

  _has(char) {
    return strokes(char, this._layout).missing.length === 0;
  }

  _enter() {
    this._send(strokes("\n", this._layout).strokes);
    if (!this._unknown) {
      lines.add(this._line.text);
      this._showLines();
    }
    this._line.clear();
    this._unknown = this._hidden;
  }

  async _send(wanted) {
    if (!wanted.length) return;
    const look = this._zoom.follow();
    const { why } = await type(this._desk, wanted);
    if (why === "done") look();
    else this._begin();
  }

  // Keys of the machine's that leave its line: from then on nobody knows here what stands in it.
  _tap([code, keysym]) {
    this._hands.key(keysym, code);
    this._begin();
  }

  _press(event) {
    const keysym = ARROWS.get(event.key);
    if (!keysym || event.isComposing) return;
    event.preventDefault();
    this._tap([event.key, keysym]);
  }

  // What is written from now on is hidden, and so is its line, also if only a part of it was.
  _hide() {
    this._hidden = !this._hidden;
    this._unknown = true;
    this._field.classList.toggle("hidden-text", this._hidden);
    this._secret.setAttribute("aria-pressed", this._hidden);
  }

  _showLines() {
    const again = (line) => () => {
      this._field.value = this._line.fill() + line;
      this._input();
    };
    const keep = (event) => event.preventDefault();
    const buttons = lines.all.map((line) =>
      make("button", { type: "button", class: "type-again", dir: "auto", onmousedown: keep, onclick: again(line) }, line),
    );
    this._kept.replaceChildren(...buttons, this._forget);
    this._kept.hidden = buttons.length === 0;
  }

  _forgetLines() {
    lines.clear();
    this._showLines();
  }
}
