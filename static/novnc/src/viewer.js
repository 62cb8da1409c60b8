// The page around noVNC: states that speak, a few actions, and the end with its reason.
import RFB from "@novnc/novnc";
import { Channel } from "./channel.js";
import { ending } from "./ending.js";

const SLOW_MILLISECONDS = 1000;
const OFF = new Set(["", "0", "no", "false"]);

const early = window.consoleproxy;
const root = document.documentElement;
const element = (id) => document.getElementById(id);

let rfb = null;
let toldReason = "";

function say(text) {
  element("status").textContent = text;
}

function end({ code, reason }) {
  clearTimeout(slow);
  if (root.dataset.state === "ended") return;
  const told = ending({
    code,
    reason: reason || toldReason,
    host: early.host,
    opened: early.opened,
    connected: root.dataset.state === "connected",
    secure: location.protocol === "https:",
  });
  root.dataset.state = "ended";
  root.dataset.closeCode = code;
  say("Ended");
  element("reason").textContent = told.reason;
  element("advice").textContent = told.advice;
  element("code").textContent = `Code ${code}`;
  element("again").hidden = !told.retry;
  element("actions").hidden = true;
  element("ended").hidden = false;
  if (told.retry) element("again").focus();
}

function connected() {
  clearTimeout(slow);
  root.dataset.state = "connected";
  say(location.protocol === "https:" ? "Connected, encrypted" : "Connected");
  element("actions").hidden = false;
  rfb.focus();
}

function renamed(name) {
  document.title = name || "Console";
  element("name").textContent = name || "Console";
}

// Without scaling, noVNC shows scroll bars where the machine's screen is larger than the window.
function setScale(fit) {
  rfb.scaleViewport = fit;
  element("size").setAttribute("aria-pressed", String(!fit));
  rfb.focus();
}

async function toggleFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
  rfb.focus();
}

function start() {
  const channel = new Channel(early);
  if (!early.opened && early.socket.readyState >= WebSocket.CLOSING) {
    end(early.events.find((event) => event.type === "close") ?? { code: 1006 });
    return;
  }
  // Listened to besides RFB's own handler, which tells neither code nor reason.
  early.socket.addEventListener("close", end);
  rfb = new RFB(element("screen"), channel);
  rfb.background = "transparent";
  rfb.focusOnClick = true;
  rfb.showDotCursor = !OFF.has(early.query.get("show_dot") ?? "");
  rfb.scaleViewport = true;
  rfb.addEventListener("connect", connected);
  rfb.addEventListener("desktopname", (event) => renamed(event.detail.name));
  rfb.addEventListener("securityfailure", (event) => {
    toldReason = (event.detail.reason ?? "").replace(/\0+$/, "");
  });
  const closedBefore = early.events.find((event) => event.type === "close");
  channel.release();
  // RFB ends by itself on what it cannot understand, and closes the socket: that close is told.
  if (closedBefore) end(closedBefore);
}

element("keys").addEventListener("click", () => {
  rfb.sendCtrlAltDel();
  rfb.focus();
});
element("size").addEventListener("click", () => setScale(!rfb.scaleViewport));
element("full").addEventListener("click", toggleFullScreen);
element("leave").addEventListener("click", () => {
  early.socket.close(1000);
  end({ code: 1000, reason: "" });
});
element("again").addEventListener("click", () => location.reload());
// A browser may keep a page that was left, with its socket, for the way back: the console would
// stay open with nobody before it.
addEventListener("pagehide", () => early.socket.close(1000));
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

function sayWhatIsAwaited() {
  say(
    early.opened
      ? "Waiting for the machine's screen…"
      : `Waiting for the console proxy at ${early.host}…`,
  );
}

const slow = setTimeout(() => {
  sayWhatIsAwaited();
  early.socket.addEventListener("open", sayWhatIsAwaited);
}, SLOW_MILLISECONDS);

element("full").hidden = !document.fullscreenEnabled;
start();
