// The early websocket as the channel that noVNC's RFB takes. To RFB it is open for as long as
// there is something of it to deliver, whatever has become of the socket meanwhile.
const CLOSE_MILLISECONDS = 500;

export class Channel {
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;
  binaryType = "arraybuffer";

  constructor(early) {
    this._early = early;
    this._closed = false;
  }

  get protocol() {
    return this._early.socket.protocol;
  }

  get readyState() {
    if (this._closed) return WebSocket.CLOSED;
    return this._early.opened ? WebSocket.OPEN : WebSocket.CONNECTING;
  }

  send(data) {
    this._early.socket.send(data);
  }

  // RFB closes as soon as it is refused; the proxy's own close, with code and reason, is right
  // behind the refusal and comes first if it is given a moment.
  close() {
    setTimeout(() => this._early.socket.close(), CLOSE_MILLISECONDS);
  }

  // Delivers what has waited, and from then on everything as it comes. RFB has taken note of a
  // socket that was open when it was attached, so that event is not for it.
  release() {
    const waiting = this._early.events.splice(0).filter((event) => event.type !== "open");
    this._early.deliver = (event) => this._deliver(event);
    waiting.forEach((event) => this._deliver(event));
  }

  _deliver(event) {
    this._closed ||= event.type === "close";
    this["on" + event.type]?.(event);
  }
}
