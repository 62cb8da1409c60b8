// The page around noVNC: states that speak, a few actions, and the end with its reason.
import RFB from "@novnc/novnc";
import { Channel } from "./channel.js";
import { ending, givenUp, isSpent } from "./ending.js";
import { Reconnection } from "./reconnect.js";
import { Still } from "./still.js";

const SLOW_MILLISECONDS = 1000;
// A console that is back within this was not worth a word.
const CALM_MILLISECONDS = 400;
const OFF = new Set(["", "0", "no", "false"]);
const LOST = 1006;
const UNREACHED = "The connection was lost.";
const LEFT = "The machine's screen was closed.";

const early = window.consoleproxy;
const root = document.documentElement;
const element = (id) => document.getElementById(id);
const screen = element("screen");
const still = new Still(screen);
const reconnection = new Reconnection(() => open(early.open()), giveUp);

let link = null;
let rfb = null;
let fit = true;
let toldReason = "";
let later = 0;

function say(text) {
  // What is written anew is read out anew.
  if (element("status").textContent !== text) element("status").textContent = text;
}

function open(newLink) {
  link = newLink;
  toldReason = "";
  const channel = new Channel(link, { closed, lost, renewed: open });
  rfb = new RFB(screen, channel);
  rfb.background = "transparent";
  rfb.focusOnClick = true;
  rfb.showDotCursor = !OFF.has(early.query.get("show_dot") ?? "");
  rfb.scaleViewport = fit;
  rfb.addEventListener("connect", connected);
  rfb.addEventListener("desktopname", (event) => renamed(event.detail.name));
  rfb.addEventListener("securityfailure", (event) => {
    toldReason = (event.detail.reason ?? "").replace(/\0+$/, "");
  });
  channel.release();
}

function connected() {
  if (root.dataset.state === "ended") return;
  clearTimeout(later);
  reconnection.connected();
  root.dataset.state = "connected";
  say(location.protocol === "https:" ? "Connected, encrypted" : "Connected");
  setActions(true);
  still.giveWay();
  focusUnlessOnBar();
}

// RFB ends by itself on what it cannot understand, and closes the socket: that is told, too.
function closed({ code, reason }) {
  if (root.dataset.state === "ended") return;
  const close = { code, reason: reason || toldReason };
  if (reconnection.closed(close)) awaitReturn(reconnection.cause === LOST ? UNREACHED : LEFT);
  else if (reconnection.cause && isSpent(close)) end(code, givenUp(reconnection.cause));
  else end(code, toldEnd(close));
}

function toldEnd(close) {
  return ending({
    ...close,
    host: link.host,
    opened: link.opened || reconnection.cause !== null,
    connected: root.dataset.state === "connected",
    secure: location.protocol === "https:",
  });
}

// The machine's side dropped, and the proxy looks for it: what comes next is a new stream.
function lost() {
  if (root.dataset.state !== "ended") awaitReturn(LEFT);
}

function awaitReturn(dropped) {
  if (root.dataset.state === "reconnecting") return;
  clearTimeout(later);
  root.dataset.state = "reconnecting";
  still.take();
  focusUnlessOnBar();
  later = setTimeout(() => {
    say(`${dropped} Reconnecting…`);
    setActions(false);
    if (document.activeElement.disabled) screen.focus();
  }, CALM_MILLISECONDS);
}

function giveUp({ code }) {
  link.socket.close();
  end(code, givenUp(reconnection.cause));
}

function end(code, told) {
  clearTimeout(later);
  reconnection.stop();
  root.dataset.state = "ended";
  root.dataset.closeCode = code;
  still.remove();
  say("Ended");
  element("reason").textContent = told.reason;
  element("advice").textContent = told.advice;
  element("code").textContent = `Code ${code}`;
  element("again").hidden = !told.retry;
  element("actions").hidden = true;
  element("ended").hidden = false;
  if (told.retry) element("again").focus();
}

// While the machine's screen is away, what is typed goes to an element that takes it and is silent.
function focus() {
  if (root.dataset.state === "connected") rfb.focus();
  else screen.focus();
}

// A person who has gone to a button when a screen drops or comes back stays there.
function focusUnlessOnBar() {
  if (!element("bar").contains(document.activeElement)) focus();
}

function renamed(name) {
  document.title = name || "Console";
  element("name").textContent = name || "Console";
}

// Without a screen there is only one thing to do: to wait for it no longer.
function setActions(open) {
  element("actions").hidden = false;
  element("keys").disabled = element("size").disabled = !open;
  element("leave").textContent = open ? "Disconnect" : "Stop";
}

// Without scaling, noVNC shows scroll bars where the machine's screen is larger than the window.
function toggleScale() {
  fit = !fit;
  rfb.scaleViewport = fit;
  element("size").setAttribute("aria-pressed", String(!fit));
  focus();
}

async function toggleFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await root.requestFullscreen();
  focus();
}

element("keys").addEventListener("click", () => {
  rfb.sendCtrlAltDel();
  focus();
});
element("size").addEventListener("click", toggleScale);
element("full").addEventListener("click", toggleFullScreen);
element("leave").addEventListener("click", () => {
  link.socket.close(1000);
  end(1000, toldEnd({ code: 1000, reason: "" }));
});
element("again").addEventListener("click", () => location.reload());
// What is typed for the machine while its screen is away is not for the browser: Ctrl-R, say.
screen.addEventListener("keydown", (event) => {
  if (root.dataset.state === "reconnecting" && event.key !== "Tab") event.preventDefault();
});
// A browser may keep a page that was left, with its socket, for the way back: the console would
// stay open with nobody before it.
addEventListener("pagehide", () => {
  reconnection.stop();
  link.socket.close(1000);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

function sayWhatIsAwaited() {
  if (root.dataset.state !== "connecting") return;
  say(
    link.opened
      ? "Waiting for the machine's screen…"
      : `Waiting for the console proxy at ${link.host}…`,
  );
}

later = setTimeout(() => {
  sayWhatIsAwaited();
  link.socket.addEventListener("open", sayWhatIsAwaited);
}, SLOW_MILLISECONDS);

element("full").hidden = !document.fullscreenEnabled;
open(early.first);
