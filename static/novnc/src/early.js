// Runs inline, before the viewer's script has arrived: the websocket opens meanwhile, and what it
// receives waits in `events`. The token is taken from the raw query, as a plus in it is a plus.
// `opening` is what noVNC would say first (see opening.js); where a proxy does not know that,
// `rfb` says ahead which version noVNC speaks, so that the proxy need not wait for it to say so;
// `resume` says that a screen that was lost may come back on the same websocket, and `ends` that
// the reason of a close may begin with its key in the catalogue of texts; `steps`
// asks for a word when the cloud has answered.
(() => {
  const query = new Map(
    location.search
      .slice(1)
      .split("&")
      .map((part) => {
        const at = part.indexOf("=");
        return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  // The websocket is where the page came from, whatever port a load balancer made of the proxy's.
  // Where nobody answers there, the port that the link names is tried, as CloudStack means it.
  // A port is digits: with anything else a link could send the viewer to another host.
  const asked = query.get("port");
  const other = /^\d{1,5}$/.test(asked) && asked < 65536 ? location.hostname + ":" + asked : "";
  const extra = query.get("extra");
  let host = location.host;
  let settled = !other;
  const url = () =>
    (location.protocol === "https:" ? "wss://" : "ws://") +
    host +
    "/websockify?token=" +
    (query.get("token") || "") +
    (extra ? "&extra=" + extra : "") +
    "&rfb=3.8&resume=1&ends=1&steps=1";

  // A websocket to the console, and what has come of it; the viewer opens further ones with this.
  const open = () => {
    const link = { socket: null, host, events: [], opened: false, begun: false, deliver: null };
    const connect = () => {
      const socket = new WebSocket(url(), ["opening./*OPENING*/", "binary"]);
      link.socket = socket;
      link.host = host;
      socket.binaryType = "arraybuffer";
      for (const kind of ["open", "message", "error", "close"]) {
        socket.addEventListener(kind, (event) => {
          link.opened ||= kind === "open";
          settled ||= link.opened;
          if (!settled) {
            if (kind === "close") {
              host = other;
              settled = true;
              connect();
            }
          } else if (link.deliver) link.deliver(event);
          else link.events.push(event);
        });
      }
    };
    connect();
    return link;
  };
  const first = open();
  window.consoleproxy = { query, open, first };

  // The viewer's script did not come, or the browser cannot run it: nobody else can say so.
  const failed = () => {
    const root = document.documentElement;
    if (first.deliver || root.dataset.state !== "connecting") return;
    root.dataset.state = "ended";
    const status = document.getElementById("status");
    status.textContent = "Ended";
    status.dataset.of = "ended";
    document.getElementById("reason").textContent = "The viewer could not be loaded.";
    document.getElementById("advice").textContent =
      "Reload the page. If that does not help, update the browser.";
    document.getElementById("ended").hidden = false;
    first.socket.close();
  };
  addEventListener(
    "error",
    () => {
      if (document.readyState !== "loading") failed();
      else document.addEventListener("DOMContentLoaded", failed);
    },
    true,
  );
})();
