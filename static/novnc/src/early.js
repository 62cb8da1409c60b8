// Runs inline, before the viewer's script has arrived: the websocket opens meanwhile, and what it
// receives waits in `events`. The token is taken from the raw query, as a plus in it is a plus, or
// from the fragment, which is no part of the page's request; what is in both counts as it is there.
// `opening` is what noVNC would say first (see opening.js); where a proxy does not know that,
// `rfb` says ahead which version noVNC speaks, so that the proxy need not wait for it to say so;
// `resume` says that a screen that was lost may come back on the same websocket, and `ends` that
// the reason of a close may begin with its key in the catalogue of texts; `steps`
// asks for a word when the cloud has answered, and `facts` for one on the session (see desk.js).
// `tab` names this tab: with the cookie that goes with it the console comes back, for which `framed`
// says that this page is within another one.
(() => {
  const query = new Map(
    `${location.search.slice(1)}&${location.hash.slice(1)}`
      .split("&")
      .map((part) => {
        const at = part.indexOf("=");
        return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  const asked = (name, otherwise) =>
    query.has(name) ? !/^(|0|no|off|false)$/i.test(query.get(name)) : otherwise;
  // The websocket is where the page came from, whatever port a load balancer made of the proxy's.
  // Where nobody answers there, the port that the link names is tried, as CloudStack means it.
  // A port is digits: with anything else a link could send the viewer to another host.
  const port = query.get("port");
  const other = /^\d{1,5}$/.test(port) && port < 65536 ? location.hostname + ":" + port : "";
  // The token is known to this page alone, from the moment that it is used. What is left in the
  // address, in the history and to all other scripts is the tab's name, by which a reload finds back.
  // A browser whose own error page came in between has forgotten the history's state; two frames of
  // a window have each their own, though.
  const [token, extra] = ["token", "extra"].map((name) => query.get(name) || "");
  query.delete("token");
  query.delete("extra");
  const alone = window.parent === window;
  const random = () => crypto.getRandomValues(new Uint8Array(16));
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  const remembered = () => {
    try {
      return history.state?.tab ?? (alone && sessionStorage.getItem("consoleproxy"));
    } catch {
      return null;
    }
  };
  const tab = token ? Array.from(random(), hex).join("") : remembered();
  const without = (text) =>
    text
      .split(/(?=[&?#])/)
      .filter((part) => !/^[&?#]?(token|extra)(=|$)/.test(part))
      .join("")
      .replace(/^[&?#]/, text[0]);
  const hide = () => {
    const { pathname, search, hash } = location;
    history.replaceState({ tab }, "", pathname + without(search) + without(hash));
    try {
      if (alone) sessionStorage.setItem("consoleproxy", tab);
    } catch {
      // A browser that keeps nothing for this page.
    }
  };
  let host = location.host;
  let settled = !other;
  const url = () =>
    (location.protocol === "https:" ? "wss://" : "ws://") +
    host +
    "/websockify?token=" +
    token +
    (extra && "&extra=" + extra) +
    (tab ? "&tab=" + tab : "") +
    (alone ? "" : "&framed=1") +
    "&rfb=3.8&ends=1&steps=1&facts=1" +
    (asked("reconnect", true) ? "&resume=1" : "");

  // A websocket to the console, and what has come of it; the viewer opens further ones with this.
  const open = () => {
    if (tab) hide();
    const link = { socket: null, host, events: [], opened: false, begun: false, deliver: null };
    let left = false;
    link.close = (code) => {
      left = true;
      link.socket.close(code);
    };
    const connect = () => {
      const socket = new WebSocket(url(), ["opening./*OPENING*/", "binary"]);
      link.socket = socket;
      link.host = host;
      socket.binaryType = "arraybuffer";
      for (const kind of ["open", "message", "error", "close"]) {
        socket.addEventListener(kind, (event) => {
          link.opened ||= kind === "open";
          settled ||= link.opened;
          if (!settled && !left) {
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
  const first = asked("autoconnect", true) ? open() : null;
  window.consoleproxy = { query, asked, open, first };

  // Another link of which only the fragment differs, or the way back from it, loads no page by itself.
  addEventListener("popstate", ({ state }) => {
    if (/[#&]token=/.test(location.hash) || (state?.tab ?? tab) !== tab) location.reload();
  });

  // A portal that has its own buttons wants no bar; it is hidden before there is anything to see.
  const root = document.documentElement;
  if (!asked("bar", true)) root.dataset.bar = "none";
  if (!first) root.dataset.state = "waiting";

  // The viewer's script did not come, or the browser cannot run it: nobody else can say so.
  const failed = () => {
    const status = document.getElementById("status");
    if (status.dataset.of) return;
    root.dataset.state = "ended";
    status.dataset.of = "ended";
    const say = (texts) => {
      for (const id in texts) document.getElementById(id).textContent = texts[id];
    };
    say({
      status: "Ended",
      reason: "The viewer could not be loaded.",
      advice: "Reload the page. If that does not help, update the browser.",
    });
    fetch("failures.json")
      .then((answer) => answer.json())
      .then((texts) => {
        const languages = [query.get("language"), ...navigator.languages];
        const spoken = languages.map((tag) => `${tag}`.slice(0, 2).toLowerCase());
        root.lang = spoken.find((language) => Object.hasOwn(texts, language)) ?? "en";
        say(texts[root.lang]);
      })
      .catch(() => {});
    document.getElementById("ended").hidden = false;
    first?.close(4002);
  };
  // What an extension of the browser brings into the page is no part of the viewer.
  addEventListener(
    "error",
    ({ target, filename = target.src }) => {
      if (!`${filename}`.startsWith(location.origin)) return;
      if (document.readyState !== "loading") failed();
      else document.addEventListener("DOMContentLoaded", failed);
    },
    true,
  );
})();
