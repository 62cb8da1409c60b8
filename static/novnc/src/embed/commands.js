// What a portal may have done: each is handed the desk, what it said, and what the page can do
// (`happen`, `speak`, `tools`), and returns what is answered. No DOM.
export const FAULTS = {
  command: "There is no such command.",
  arguments: "The command lacks something, or has it in another form.",
  state: "The console is not in a state for this.",
  "view-only": "The console is for looking on only.",
  failed: "This did not work.",
};

// `fault` is a key of FAULTS, which portals can tell apart.
export class CommandFault extends Error {
  constructor(fault) {
    super(FAULTS[fault]);
    this.fault = fault;
  }
}

function demand(holds, fault = "arguments") {
  if (!holds) throw new CommandFault(fault);
}

function screen({ rfb }) {
  demand(rfb, "state");
  return rfb;
}

function acting(desk) {
  const rfb = screen(desk);
  demand(!rfb.viewOnly, "view-only");
  return rfb;
}

// A portal's text has the limit of a person's (tools/paste.js).
const LONGEST_TEXT = 100_000;
const isText = (value) => typeof value === "string" && value.length <= LONGEST_TEXT;
const isKeysym = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;

const COMMANDS = {
  connect(desk, _, { happen }) {
    demand(["waiting", "reconnecting"].includes(desk.state?.name), "state");
    happen({ type: desk.state.name === "waiting" ? "connect" : "retry" });
  },

  disconnect(desk, _, { happen }) {
    happen({ type: "cancel" });
  },

  focus(desk) {
    desk.focus();
  },

  sendCtrlAltDel(desk) {
    acting(desk).sendCtrlAltDel();
  },

  // Without `down`, the key is pressed and released.
  sendKey(desk, { keysym, code, down }) {
    demand(isKeysym(keysym) && ["string", "undefined"].includes(typeof code));
    demand(["boolean", "undefined"].includes(typeof down));
    acting(desk).sendKey(keysym, code, down);
  },

  // Offers a text to programs in the machine, where something there takes it.
  async setClipboard(desk, { text }) {
    demand(typeof text === "string");
    acting(desk);
    const { fits, offer } = await import("./typing.js");
    demand(fits(text));
    acting(desk);
    offer(desk, text);
  },

  // Resolves when all is typed, to { typed, missing, why }.
  async sendText(desk, { text, layout }) {
    demand(isText(text) && ["string", "undefined"].includes(typeof layout));
    acting(desk);
    const { known, typeText } = await import("./typing.js");
    demand(layout === undefined || known(layout));
    return typeText(desk, text, layout);
  },

  async stopText() {
    const { stopTyping } = await import("./typing.js");
    stopTyping();
  },

  setLanguage(_, { language }, { speak }) {
    demand(typeof language === "string");
    return speak(language);
  },

  setViewOnly(desk, { on }) {
    demand(typeof on === "boolean");
    desk.choices.set("viewOnly", on);
  },

  // By its name; none closes the one that is open.
  openTool({ state }, { tool = "" }, { tools }) {
    demand(typeof tool === "string");
    demand(["connected", "reconnecting"].includes(state?.name), "state");
    const open = tools().find((button) => button.getAttribute("aria-expanded") === "true");
    const wanted = tools().find((button) => button.dataset.tool === tool);
    demand(wanted || !tool);
    demand(!wanted?.disabled, "view-only");
    if (open !== wanted) (wanted ?? open).click();
  },

  async screenshot(desk) {
    screen(desk);
    const { canvas } = desk;
    const { width, height } = canvas;
    const image = await new Promise((done) => canvas.toBlob(done, "image/png"));
    demand(image, "failed");
    return { image, width, height };
  },
};

// Returns the answer to a command.
export async function obey(desk, command, page) {
  try {
    demand(Object.hasOwn(COMMANDS, command.name), "command");
    return { value: await COMMANDS[command.name](desk, command, page) };
  } catch (error) {
    if (!(error instanceof CommandFault)) console.error(error);
    const fault = error.fault ?? "failed";
    return { error: { fault, text: FAULTS[fault] } };
  }
}
