// A link of the early script as the channel that noVNC's RFB takes. To RFB it is open for as long
// as there is something of it to deliver, whatever has become of the socket meanwhile.
import { MESSAGES } from "./opening.js";

// The proxy lets who left with these come back: the network went, or the page.
const NETWORK_GONE = 4001;
const PAGE_LEFT = 4002;
const CLOSE_MILLISECONDS = 500;
const VERSION_BYTES = 12;

export class Channel {
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;
  binaryType = "arraybuffer";

  // `opened` hears that the proxy has answered, and `said` each word of its beside the stream.
  // `received` is told the bytes of each message. `closed` hears of the close before RFB does, which
  // then takes its picture out of the page, and tells neither code nor reason. `lost` hears in the
  // same way that a new stream begins on the same link, and `renewed` when it is free for another
  // channel.
  constructor(link, { opened, said, received, closed, lost, renewed }) {
    this._link = link;
    this._opened = opened;
    this._hear = said;
    this._received = received;
    this._told = closed;
    this._lost = lost;
    this._renewed = renewed;
    this._closed = false;
    this._greeted = false;
    // A renewed stream was not spoken of in the websocket's request.
    this._said = link.begun ? [] : [...MESSAGES];
    link.begun = true;
  }

  get protocol() {
    return this._link.socket.protocol;
  }

  get readyState() {
    if (this._closed) return WebSocket.CLOSED;
    return this._link.opened ? WebSocket.OPEN : WebSocket.CONNECTING;
  }

  // By its subprotocol the proxy says that it has taken the opening from the request.
  send(data) {
    const { socket } = this._link;
    const said = socket.protocol.startsWith("opening.") ? this._said.shift() : null;
    if (!said?.every((byte, at) => byte === data[at])) socket.send(data);
  }

  // RFB closes as soon as it is refused; the proxy's own close, with code and reason, is right
  // behind the refusal and comes first if it is given a moment.
  close() {
    setTimeout(() => this._link.socket.close(), CLOSE_MILLISECONDS);
  }

  // Delivers what has waited, and from then on everything as it comes. RFB has taken note of a
  // socket that was open when it was attached, so that event is not for it.
  release() {
    const waiting = this._link.events.splice(0).filter((event) => event.type !== "open");
    this._link.deliver = (event) => this._deliver(event);
    waiting.forEach((event) => this._deliver(event));
  }

  // Leaves a link of which nothing more is expected, though its close may not have come.
  drop() {
    this._leave(NETWORK_GONE);
  }

  // The page is left: for good, or to be loaded again, or kept by the browser for the way back.
  leave() {
    this._leave(PAGE_LEFT);
  }

  _leave(code) {
    if (this._closed) return;
    this._link.deliver = () => {};
    this._link.close(code);
    this._closed = true;
    this.onclose?.(new CloseEvent("close"));
  }

  _deliver(event) {
    if (event.type === "open") this._opened();
    if (event.type === "close") {
      this._closed = true;
      this._told(event);
    }
    if (event.data === "") return this._renew();
    if (typeof event.data === "string") return this._hear(event.data);
    if (event.data) this._received(event.data.byteLength);
    if (event.type === "message" && !this._greeted) return this._greet(event.data);
    this["on" + event.type]?.(event);
    // The page holds on to its first link, which need not hold on to a whole RFB.
    if (this._closed) this._link.deliver = () => {};
  }

  // An empty text message separates two streams of RFB: the screen behind the first one was lost.
  // The proxy gets one back, and drops what was sent for the old screen before it. An RFB has its
  // decoders in a state that only its own stream continues, so a new one takes over.
  _renew() {
    const link = this._link;
    link.deliver = (event) => link.events.push(event);
    link.socket.send("");
    this._lost();
    this._closed = true;
    this.onclose(new CloseEvent("close"));
    this._renewed(link);
  }

  // RFB leaves what came behind the version until there is another message.
  _greet(data) {
    this._greeted = true;
    this.onmessage({ data: data.slice(0, VERSION_BYTES) });
    if (data.byteLength > VERSION_BYTES) this.onmessage({ data: data.slice(VERSION_BYTES) });
  }
}
