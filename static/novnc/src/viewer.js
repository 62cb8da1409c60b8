// The page around noVNC: hands what happens to the state machine, and does what its states ask for.
import { Channel } from "./channel.js";
import { Desk } from "./desk.js";
import { Choices } from "./display/choices.js";
import { SizedRFB, watchRatio } from "./display/screen.js";
import { parseClose } from "./ending.js";
import { english, fetchTexts } from "./languages.js";
import { begin, due, step } from "./machine.js";
import { Page, element } from "./page.js";
import { bringParts } from "./parts.js";
import { Preferences } from "./preferences.js";
import { Still } from "./still.js";
import { Toolbox } from "./toolbox.js";
import { view } from "./view.js";
import { Words } from "./words.js";

const early = window.consoleproxy;
const returns = early.asked("reconnect", true);
const embedded = window.parent !== window;
const secure = location.protocol === "https:";
const root = document.documentElement;
const screen = element("screen");
const still = new Still(screen);
const words = new Words(english);
const page = new Page(words);
const preferences = new Preferences();
const choices = new Choices(early.query, preferences);
const desk = new Desk({
  screen,
  query: early.query,
  preferences,
  choices,
  words,
  focus,
  announce: (key, values) => page.announce(key, values),
  lose: () => happen({ type: "offline" }),
});
const toolbox = new Toolbox(desk, element("tool"), document.querySelectorAll("[data-tool]"));

bringParts(desk);

let state = early.first ? begin(Date.now()) : { name: "waiting" };
let link = null;
let channel = null;
let rfb = null;
let toldReason = "";
let timer = 0;
let wishes = 0;

// The clock is the one that goes on while the computer sleeps.
function happen(event) {
  const before = state;
  if (event.type === "cancel") desk.dispatchEvent(new Event("leaving"));
  state = step(before, event, Date.now(), returns);
  if (before.name === "connected" && state.name !== "connected") {
    if (state.name === "reconnecting") still.take(choices.get("size") !== "off");
    desk.rfb = null;
  }
  if (before.name !== "connecting" && state.name === "connecting") open(early.open());
  if (event.type === "offline" && state !== before) channel.drop();
  if (before.name === "reconnecting" && state.attempts > before.attempts) {
    channel.drop();
    open(early.open());
  }
  if (state.name === "ended" && before.name !== "ended") {
    still.remove();
    toolbox.close();
    link?.close(1000);
  }
  show();
  if (state.name !== before.name && state.name !== "ended") focusUnlessElsewhere();
}

function show() {
  clearTimeout(timer);
  const shown = view(state, Date.now(), { host: link?.host, secure });
  page.show(state.name, shown);
  desk.state = state;
  const at = Math.min(shown.next ?? Infinity, due(state) ?? Infinity);
  if (at < Infinity) timer = setTimeout(() => happen({ type: "tick" }), Math.max(0, at - Date.now()));
}

function open(newLink) {
  if (newLink !== link) desk.meet((word) => newLink.socket.send(word));
  link = newLink;
  toldReason = "";
  channel = new Channel(link, {
    opened: () => happen({ type: "opened" }),
    said: (word) => (word === "answered" ? happen({ type: "answered" }) : desk.hear(word)),
    received: (bytes) => (desk.received += bytes),
    closed,
    lost: () => happen({ type: "lost" }),
    renewed: open,
  });
  rfb = new SizedRFB(screen, channel, choices, spareHeight);
  rfb.addEventListener("connect", () => {
    happen({ type: "connected" });
    desk.rfb = rfb;
    still.giveWay();
  });
  rfb.addEventListener("desktopname", ({ detail }) => {
    page.rename(detail.name);
    desk.name = detail.name;
  });
  rfb.addEventListener("securityfailure", (event) => {
    toldReason = (event.detail.reason ?? "").replace(/\0+$/, "");
  });
  channel.release();
}

// RFB ends by itself on what it cannot understand, and closes the socket: that is told, too.
function closed({ code, reason }) {
  const said = parseClose(code, reason || toldReason);
  happen({ type: "closed", close: { ...said, host: link.host, secure, reached: link.opened } });
}

// While the machine's screen is away, what is typed goes to an element that takes it and is silent.
function focus() {
  if (state.name === "connected") rfb.focus();
  else screen.focus();
}

// A person who has gone to a button when a screen drops or comes back stays there, and so does one
// who is writing elsewhere in the page that this one is part of.
function focusUnlessElsewhere() {
  if (embedded && !document.hasFocus()) return;
  const active = document.activeElement;
  if (!["bar", "tool", "panel"].some((id) => element(id).contains(active))) focus();
}

// Of two wishes the later one counts, whichever texts come first.
function speak(asked) {
  const wish = ++wishes;
  return fetchTexts(asked, (language, texts) => {
    if (wish !== wishes) return;
    words.speak(language, texts);
    page.speak();
    desk.dispatchEvent(new Event("words"));
  });
}

// What a machine's screen may fill besides the room that it has now: tools come and go, and so does
// the bar in full screen, where it takes no room once it is folded and nobody is at it.
function spareHeight() {
  const bar = element("bar");
  const goes = document.fullscreenElement && getComputedStyle(bar).position === "static";
  return element("tool").offsetHeight + (goes ? bar.offsetHeight : 0);
}

function adoptChoices() {
  rfb?.adopt();
  const viewOnly = choices.get("viewOnly");
  page.showViewOnly(viewOnly);
  if (viewOnly) toolbox.closeActing();
}

async function toggleFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await root.requestFullscreen();
  focus();
}

// Where there is little height the bar may go; the button that brings it back stays.
function toggleBar() {
  const folded = element("bar").classList.toggle("folded");
  element("fold").setAttribute("aria-expanded", String(!folded));
  focus();
}

element("full").addEventListener("click", toggleFullScreen);
element("fold").addEventListener("click", toggleBar);
for (const id of ["leave", "cancel"]) {
  element(id).addEventListener("click", () => happen({ type: "cancel" }));
}
element("connect").addEventListener("click", () => happen({ type: "connect" }));
element("now").addEventListener("click", () => happen({ type: "retry" }));
element("again").addEventListener("click", () => happen({ type: "again" }));
element("close").addEventListener("click", () => window.close());
for (const type of ["offline", "online"]) addEventListener(type, () => happen({ type }));
// What is typed for the machine while its screen is away is not for the browser: Ctrl-R, say.
screen.addEventListener("keydown", (event) => {
  if (state.name === "reconnecting" && event.key !== "Tab") event.preventDefault();
});
// Nobody is before a page that was left: its console is let go, and opened again should the page be
// loaded anew. A browser may keep it instead as it is, for the way back.
addEventListener("pagehide", ({ persisted }) => {
  desk.dispatchEvent(new Event("leaving"));
  if (persisted) happen({ type: "offline" });
  channel?.leave();
  clearTimeout(timer);
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  if (state.name === "reconnecting") happen({ type: "online" });
  else if (state.name.startsWith("connect")) location.reload();
});

choices.addEventListener("change", adoptChoices);
watchRatio(adoptChoices);
adoptChoices();
element("full").hidden = !document.fullscreenEnabled;
if (early.first) open(early.first);
if (link?.opened) happen({ type: "opened" });
show();
if (!link && !embedded) element("connect").focus();
speak(early.query.get("language"));
if (embedded) import("./embed/portal.js").then(({ embed }) => embed(desk, { happen, speak }), console.error);
