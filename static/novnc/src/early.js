// Runs inline, before the viewer's script has arrived: the websocket opens meanwhile, and what it
// receives waits in `events`. The token is taken from the raw query, as a plus in it is a plus.
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
  const port = query.get("port") || location.port;
  const host = location.hostname + (port ? ":" + port : "");
  const extra = query.get("extra");
  const early = { query, host, events: [], opened: false, deliver: null };
  const socket = new WebSocket(
    (location.protocol === "https:" ? "wss://" : "ws://") +
      host +
      "/websockify?token=" +
      (query.get("token") || "") +
      (extra ? "&extra=" + extra : ""),
    ["binary"],
  );
  socket.binaryType = "arraybuffer";
  for (const kind of ["open", "message", "error", "close"]) {
    socket.addEventListener(kind, (event) => {
      early.opened ||= kind === "open";
      if (early.deliver) early.deliver(event);
      else early.events.push(event);
    });
  }
  early.socket = socket;
  window.consoleproxy = early;
})();
