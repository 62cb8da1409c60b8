// The tools below the bar, one at a time. A tool's code comes when it is first wanted: a module with
// `title`, the key of its name, and `open(desk, box)`, which fills the box and returns what undoes that.
const TOOLS = {
  display: () => import("./tools/display.js"),
  keys: () => import("./tools/keys.js"),
  paste: () => import("./tools/paste.js"),
  session: () => import("./tools/session.js"),
  touch: () => import("./tools/touch.js"),
  type: () => import("./tools/type.js"),
};

export class Toolbox {
  constructor(desk, box, buttons) {
    this._desk = desk;
    this._box = box;
    this._buttons = new Map([...buttons].map((button) => [button.dataset.tool, button]));
    this._wanted = "";
    this._turn = 0;
    this._undo = null;
    for (const [name, button] of this._buttons) {
      button.addEventListener("click", () => this.toggle(name));
    }
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const button = this._buttons.get(this._wanted);
      this.close();
      button.focus();
      // Where a portal has hidden the bar, it cannot.
      if (document.activeElement !== button) this._desk.focus();
    });
    desk.addEventListener("words", () => this._name());
  }

  toggle(name) {
    const wanted = this._wanted !== name;
    this.close();
    if (wanted) return this._open(name);
    this._desk.focus();
  }

  // Closes a tool that acts on the machine; who was in it is not left without a place.
  closeActing() {
    if (!this._buttons.get(this._wanted)?.disabled) return;
    const held = this._box.contains(document.activeElement);
    this.close();
    if (held) this._desk.focus();
  }

  close() {
    this._buttons.get(this._wanted)?.setAttribute("aria-expanded", "false");
    this._wanted = "";
    this._turn += 1;
    this._undo?.();
    this._undo = null;
    this._box.hidden = true;
    this._box.replaceChildren();
  }

  async _open(name) {
    this._wanted = name;
    const turn = this._turn;
    this._buttons.get(name).setAttribute("aria-expanded", "true");
    try {
      const tool = await TOOLS[name]();
      // It may have been closed meanwhile, and wanted again.
      if (this._turn !== turn) return;
      this._box.dataset.tool = name;
      this._title = tool.title;
      this._name();
      this._box.hidden = false;
      this._undo = tool.open(this._desk, this._box);
    } catch (error) {
      console.error(error);
      if (this._turn !== turn) return;
      this.close();
      this._desk.announce("tool.missing");
    }
  }

  _name() {
    if (this._title) this._box.setAttribute("aria-label", this._desk.words.text(this._title));
  }
}
