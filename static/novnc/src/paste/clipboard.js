// The machine's clipboard, as far as its VNC server passes it on.
const TEXT = 1;
const NOTIFY = 1 << 27;
// TigerVNC takes little more by default, and then leaves a program that pastes it waiting; QEMU ends the
// connection of a viewer that sends more than 1 MB.
const MOST_BYTES = 250_000;

const boards = new WeakMap();

// "extended" (Unicode), "latin-1" or null. Every server takes Latin-1 and none says what it does
// with it: one is believed to have a clipboard that has sent something of it. noVNC knows what a
// server said of its extended clipboard, and nobody may ask.
export function clipboardOf(desk) {
  const { rfb } = desk;
  if (!rfb) return null;
  const formats = rfb._clipboardServerCapabilitiesFormats;
  const actions = rfb._clipboardServerCapabilitiesActions;
  if (formats?.[TEXT] && actions?.[NOTIFY]) return "extended";
  return board(desk).heardFrom === rfb ? "latin-1" : null;
}

// Whether servers take it: with CR LF and a NUL behind it, as it is sent.
export function fits(text) {
  const sent = text.replace(/\r\n?|\n/g, "\r\n");
  return new TextEncoder().encode(sent).length + 1 <= MOST_BYTES;
}

// Half of a surrogate pair is no text: noVNC would fail when the server asks for it. What accents and
// letters are one by one, as macOS writes names of files, is in Latin-1 only as a whole.
export function offer(desk, text) {
  const plain = text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/\r\n?/g, "\n");
  const whole = clipboardOf(desk) === "extended" ? plain : plain.normalize("NFC");
  desk.rfb.clipboardPasteFrom(whole);
}

// What came last, and "text" when there is another.
export function board(desk) {
  if (!boards.has(desk)) boards.set(desk, new Board(desk));
  return boards.get(desk);
}

class Board extends EventTarget {
  text = null;
  heardFrom = null;

  constructor(desk) {
    super();
    const attend = () => {
      const { rfb } = desk;
      rfb?.addEventListener("clipboard", (event) => this._hear(rfb, event.detail.text));
    };
    desk.addEventListener("screen", attend);
    attend();
  }

  _hear(rfb, text) {
    this.heardFrom = rfb;
    this.text = text;
    this.dispatchEvent(new Event("text"));
  }
}

// Begins to listen, whether or not anybody opens the tool; and hands on what comes, where the person
// wants that. The browser allows it only to a page that has the focus.
export function attend(desk) {
  const incoming = board(desk);
  incoming.addEventListener("text", () => {
    if (desk.preferences.get("copy") !== true || !document.hasFocus()) return;
    navigator.clipboard?.writeText(incoming.text).catch(() => {});
  });
}
