// The page's elements: shows what view.js says, in the words of a catalogue.
import { direction } from "./words.js";

const ANNOUNCED_MILLISECONDS = 4000;
// Browsers tell screen readers of a change a little later.
const TOLD_MILLISECONDS = 1000;

const root = document.documentElement;
export const element = (id) => document.getElementById(id);

export class Page {
  constructor(words) {
    this._words = words;
    this._name = "";
    this._last = null;
  }

  // The language is another one: all that is shown is said again.
  speak() {
    const words = this._words;
    root.lang = words.language;
    root.dir = direction(words.language);
    for (const node of document.querySelectorAll("[data-text]")) {
      node.textContent = words.text(node.dataset.text);
    }
    element("screen").setAttribute("aria-label", words.text("screen"));
    this.rename(this._name);
    if (this._last) this.show(...this._last);
  }

  // Said once, and shown for a moment in place of the state.
  announce(key, values) {
    clearTimeout(this._announced);
    const status = element("status");
    const aloud = (on) => status.setAttribute("aria-live", on ? "polite" : "off");
    aloud(true);
    status.textContent = this._words.text(key, values);
    status.dataset.said = "";
    // The state was said when it began: it is seen again, and not read out.
    const over = () => {
      aloud(false);
      delete status.dataset.said;
      this.show(...this._last);
      this._announced = setTimeout(aloud, TOLD_MILLISECONDS, true);
    };
    this._announced = setTimeout(over, ANNOUNCED_MILLISECONDS);
  }

  rename(name) {
    this._name = name;
    document.title = element("name").textContent = name || this._words.text("console");
  }

  show(state, shown) {
    const entered = root.dataset.state !== state;
    this._last = [state, shown];
    if (entered) {
      root.dataset.state = state;
      element("status").removeAttribute("aria-live");
      element("ended").hidden = true;
    }
    // The light beside the words changes with them.
    if (shown.status) {
      write("status", this._say(shown.status));
      element("status").dataset.of = state;
      delete element("status").dataset.said;
    }
    this._showPanel(shown.panel);
    if (shown.status && !["waiting", "connecting"].includes(state)) this._showActions(shown);
    if (shown.end) this._showEnd(shown.end, entered);
  }

  // While a person only looks on, what would act on the machine is out of reach.
  showViewOnly(on) {
    element("view-only").hidden = !on;
    for (const button of document.querySelectorAll("[data-acts]")) button.disabled = on;
  }

  _say([key, values]) {
    return this._words.text(key, values);
  }

  _showPanel(panel) {
    const box = element("panel");
    const held = box.contains(document.activeElement);
    if (panel) {
      write("panel-title", this._say(panel.title));
      write("panel-detail", this._say(panel.detail));
      element("connect").hidden = !panel.connect;
      element("cancel").hidden = Boolean(panel.connect);
      element("now").hidden = panel.retry === null;
      element("now").disabled = !panel.retry;
    }
    box.hidden = !panel;
    // A button that goes takes the keys with it: they are for the screen, then, or to wait on.
    if (held && (!panel || element("now").hidden || element("now").disabled)) {
      (panel ? element("cancel") : element("screen")).focus();
    }
  }

  _showActions({ open = false, end }) {
    element("actions").hidden = Boolean(end);
    element("leave").hidden = !open;
  }

  _showEnd(end, entered) {
    const words = this._words;
    const key = `end.${end.key}`;
    root.dataset.closeCode = end.code;
    // The proxy's own sentence is its English, and the only one for a key of a newer proxy.
    const own = end.reason && (words.language === "en" || !words.has(key));
    tell(own ? end.reason : words.text(words.has(key) ? key : "end.unexpected", end));
    write("advice", end.advice && words.text(end.advice, end));
    write("code", words.text("code", { code: end.key ? `${end.code} ${end.key}` : end.code }));
    element("again").hidden = !end.retry;
    element("close").hidden = end.retry || !mayClose();
    element("ended").hidden = false;
    if (entered) ["again", "close", "ended"].map(element).find((node) => !node.hidden).focus();
  }
}

// What is written anew is read out anew.
function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

// What happened stands out; what to do about it, in the sentences behind, is beside it.
function tell(text) {
  const [, first, space, rest] = /^(.*?(?:\.(?= )|[。।]|$))( ?)(.*)$/s.exec(text);
  const behind = document.createElement("span");
  behind.textContent = rest;
  element("reason").replaceChildren(first, ...(rest ? [space, behind] : []));
}

// Browsers let a page close its window only if a page opened it, or nothing was shown in it before.
function mayClose() {
  return window.parent === window && (window.opener !== null || history.length === 1);
}
