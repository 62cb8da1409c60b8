// <console-viewer src="…">: a console in a portal's page. docs/viewer/embedding.md is the reference.
import { ATTRIBUTES, address } from "./address.js";
import { message, read } from "./protocol.js";

// A frame that has loaded and says nothing shows a refusal of the browser, or another page.
const SILENT_MILLISECONDS = 10_000;

// Attributes that also count while a console is open.
const LIVE = ["language", "view-only"];

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; block-size: 540px; }
  :host([hidden]) { display: none; }
  iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; }
`);

// Why a command was not done: `fault` is one of those in commands.js, or "gone".
export class ConsoleError extends Error {
  constructor({ fault, text }) {
    super(text);
    this.name = "ConsoleError";
    this.fault = fault;
  }
}

const GONE = { fault: "gone", text: "The console that was asked is not in the page any more." };

export class ConsoleViewer extends HTMLElement {
  static observedAttributes = ["src", ...LIVE];

  #frame = null;
  #origin = "";
  #loaded = {};
  #ready = false;
  #waiting = [];
  #asked = new Map();
  #last = 0;
  #timer = 0;
  #state = { state: "loading", text: "" };
  #name = "";
  #hear = (event) => this.#heard(event);

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    window.addEventListener("message", this.#hear);
    this.#load();
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.#hear);
    this.#unload();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.isConnected || before === after) return;
    if (name === "src") this.#load();
    else if (this.#ready) this.#adopt(name, after);
  }

  #adopt(name, value) {
    const asked =
      name === "language"
        ? this.setLanguage(value ?? "")
        : this.#command("setViewOnly", { on: value !== null });
    asked.catch(() => {});
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(value) {
    this.setAttribute("src", value);
  }

  get viewOnly() {
    return this.hasAttribute("view-only");
  }

  set viewOnly(on) {
    this.toggleAttribute("view-only", Boolean(on));
  }

  // What the console is and says: { state, text }, and at an end { key, code, retry }, too.
  get state() {
    return { ...this.#state };
  }

  // The machine's name, as soon as it is known.
  get name() {
    return this.#name;
  }

  connect() {
    return this.#command("connect");
  }

  disconnect() {
    return this.#command("disconnect");
  }

  sendCtrlAltDel() {
    return this.#command("sendCtrlAltDel");
  }

  sendKey(keysym, code, down) {
    return this.#command("sendKey", { keysym, code, down });
  }

  // Types a text on the machine's keyboard. Returns { typed, missing, why }: how many keys were
  // struck, the characters that are not on it, and "done" or what has interrupted it.
  sendText(text, { layout } = {}) {
    return this.#command("sendText", { text, layout });
  }

  stopText() {
    return this.#command("stopText");
  }

  // For the machine's own clipboard; its own comes as the event "clipboard", with that attribute.
  setClipboard(text) {
    return this.#command("setClipboard", { text });
  }

  setLanguage(language) {
    return this.#command("setLanguage", { language });
  }

  // "keys", "paste", "display", "session", "type" or "touch"; none closes the one that is open.
  openTool(tool) {
    return this.#command("openTool", { tool });
  }

  // Returns { image, width, height }; the image is a Blob.
  screenshot() {
    return this.#command("screenshot");
  }

  // What is typed is for the machine from now on.
  focus() {
    this.#frame?.focus();
    this.#command("focus").catch(() => {});
  }

  // The frame's, not the viewer's: the person has clicked in this page.
  fullscreen() {
    return this.#frame?.requestFullscreen();
  }

  // Another frame for each address: one that is sent elsewhere would be a step back in the history.
  #load() {
    this.#unload();
    const url = this.src && address(this.src, document.baseURI, (name) => this.getAttribute(name));
    if (!url) return;
    this.#origin = url.origin;
    this.#loaded = Object.fromEntries(LIVE.map((name) => [name, this.getAttribute(name)]));
    this.#frame = document.createElement("iframe");
    this.#frame.title = this.getAttribute("aria-label") ?? "Console";
    this.#frame.allow = "fullscreen; clipboard-read; clipboard-write";
    this.#frame.addEventListener("load", () => this.#expect());
    this.#frame.src = url;
    this.#name = "";
    this.#tell({ state: "loading", text: "" });
    this.shadowRoot.append(this.#frame);
  }

  #unload() {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = false;
    for (const { refuse } of [...this.#asked.values(), ...this.#waiting]) {
      refuse(new ConsoleError(GONE));
    }
    this.#asked.clear();
    this.#waiting = [];
  }

  #expect() {
    clearTimeout(this.#timer);
    if (this.#ready) return;
    this.#timer = setTimeout(() => {
      console.warn(`${this.#origin} shows no console here. Does it allow ${location.origin}?`);
      this.#tell({ state: "unavailable", text: "" });
    }, SILENT_MILLISECONDS);
  }

  #heard({ source, origin, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#origin) return;
    const said = read(data);
    if (!said) return;
    const { consoleproxy, type, ...values } = said;
    if (type === "ready") this.#begin();
    if (type === "state") this.#tell(values);
    if (type === "answer") this.#answered(values);
    if (type === "clipboard") this.#dispatch("clipboard", values);
    if (type === "name") {
      this.#name = this.#frame.title = values.name;
      this.#dispatch("name", values);
    }
  }

  // A page that was loaded once more knows nothing of what the one before it was asked.
  #begin() {
    clearTimeout(this.#timer);
    this.#ready = true;
    for (const { refuse } of this.#asked.values()) refuse(new ConsoleError(GONE));
    this.#asked.clear();
    this.#post("hello", { clipboard: this.hasAttribute("clipboard") });
    // What is another since the address was made, which says all else.
    for (const [name, value] of Object.entries(this.#loaded)) {
      if (this.getAttribute(name) !== value) this.#adopt(name, this.getAttribute(name));
    }
    this.#dispatch("ready");
    for (const { name, values, done, refuse } of this.#waiting.splice(0)) {
      this.#ask(name, values, done, refuse);
    }
  }

  #command(name, values) {
    return new Promise((done, refuse) => {
      if (!this.#frame) refuse(new ConsoleError(GONE));
      else if (this.#ready) this.#ask(name, values, done, refuse);
      else this.#waiting.push({ name, values, done, refuse });
    });
  }

  #ask(name, values, done, refuse) {
    const id = ++this.#last;
    this.#asked.set(id, { done, refuse });
    this.#post("command", { ...values, id, name });
  }

  #answered({ id, value, error }) {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.refuse(new ConsoleError(error));
    else asked?.done(value);
  }

  #post(type, values) {
    this.#frame.contentWindow.postMessage(message(type, values), this.#origin);
  }

  #tell(state) {
    this.#state = state;
    this.#dispatch("state", state);
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

if (!customElements.get("console-viewer")) customElements.define("console-viewer", ConsoleViewer);
