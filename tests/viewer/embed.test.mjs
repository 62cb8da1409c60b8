// What a portal and a console in its page say to each other, without either.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ATTRIBUTES, address } from "../../static/novnc/src/embed/address.js";
import { obey } from "../../static/novnc/src/embed/commands.js";
import { message, read } from "../../static/novnc/src/embed/protocol.js";

const LINK = "https://proxy/resource/noVNC/vnc.html?port=443&token=a+b/c==";
const BASE = "https://portal/machines/1";
const attributes = (given) => (name) => given[name] ?? null;

test("a link without attributes is what it was", () => {
  assert.equal(String(address(LINK, BASE, attributes({}))), LINK);
  assert.equal(address("/vnc.html", BASE, attributes({})).href, "https://portal/vnc.html");
});

test("attributes go before what the link says, and leave the token as it is", () => {
  const given = { language: "pt-BR", "view-only": "", "no-bar": "", autoconnect: "no" };
  const url = address(`${LINK}#quality=9`, BASE, attributes(given));
  assert.equal(url.search, "?port=443&token=a+b/c==");
  assert.deepEqual(url.hash.slice(1).split("&").sort(), [
    "autoconnect=no", "bar=no", "language=pt-BR", "quality=9", "view_only=true",
  ]);
  const odd = address(LINK, BASE, attributes({ language: "de&token=x#" }));
  assert.equal(odd.hash, "#language=de%26token%3Dx%23");
});

test("each attribute has a parameter", () => {
  const all = Object.fromEntries(ATTRIBUTES.map((name) => [name, "1"]));
  assert.equal(address(LINK, BASE, attributes(all)).hash.split("&").length, ATTRIBUTES.length);
});

for (const src of ["javascript:alert(1)", "data:text/html,x", "blob:https://portal/1", "https://", "about:blank"]) {
  test(`${src} is no console`, () => assert.equal(address(src, BASE, attributes({})), null));
}

test("only messages of this protocol are read", () => {
  const own = message("command", { id: 1, name: "focus" });
  assert.equal(read(own), own);
  for (const other of [null, undefined, 7, "command", [], {}, { consoleproxy: 2, type: "hello" }, { consoleproxy: 1 }, { consoleproxy: 1, type: 3 }]) {
    assert.equal(read(other), null);
  }
});

function desk({ state = { name: "connected" }, open = true, viewOnly = false } = {}) {
  const done = [];
  const choices = { set: (...given) => done.push(given) };
  const rfb = open && {
    viewOnly,
    addEventListener() {},
    clipboardPasteFrom: (text) => done.push(["clipboard", text]),
    sendCtrlAltDel: () => done.push(["cad"]),
    sendKey: (...given) => done.push(given),
  };
  const page = {
    happen: ({ type }) => done.push(["happen", type]),
    speak: (language) => done.push(["speak", language]),
  };
  const button = (tool, more) => ({
    dataset: { tool },
    open: "false",
    disabled: false,
    getAttribute() {
      return this.open;
    },
    click: () => done.push(["click", tool]),
    ...more,
  });
  const tools = [button("display", { open: "true" }), button("keys"), button("paste", { disabled: true })];
  page.tools = () => tools;
  const all = { state, rfb, choices, focus: () => done.push(["focus"]), addEventListener() {} };
  const ask = (name, given) => obey(all, { name, ...given }, page);
  return { ask, done };
}
test("a portal opens and closes the viewer's tools", async () => {
  const { ask, done } = desk();
  await ask("openTool", { tool: "keys" });
  await ask("openTool", { tool: "display" });
  await ask("openTool", {});
  assert.deepEqual(done, [["click", "keys"], ["click", "display"]]);
  assert.equal(await fault(ask("openTool", { tool: "paste" })), "view-only");
  for (const tool of ["none", "__proto__", 7]) {
    assert.equal(await fault(ask("openTool", { tool })), "arguments");
  }
  assert.equal(await fault(desk({ state: { name: "ended" } }).ask("openTool", { tool: "keys" })), "state");
});

const fault = async (answer) => (await answer).error?.fault;

test("commands reach the machine and the page", async () => {
  const { ask, done } = desk();
  for (const name of ["sendCtrlAltDel", "focus", "disconnect"]) {
    assert.deepEqual(await ask(name), { value: undefined });
  }
  await ask("sendKey", { keysym: 0xff0d, code: "Enter" });
  await ask("sendKey", { keysym: 0x78, down: true });
  await ask("setLanguage", { language: "ja" });
  await ask("setClipboard", { text: "x" });
  await ask("setViewOnly", { on: true });
  assert.deepEqual(done, [
    ["cad"], ["focus"], ["happen", "cancel"],
    [0xff0d, "Enter", undefined], [0x78, undefined, true], ["speak", "ja"],
    ["clipboard", "x"], ["viewOnly", true],
  ]);
});

test("a console begins, or tries again, when its portal says so", async () => {
  for (const [name, type] of [["waiting", "connect"], ["reconnecting", "retry"]]) {
    const { ask, done } = desk({ state: { name }, open: false });
    assert.equal(await fault(ask("connect")), undefined);
    assert.deepEqual(done, [["happen", type]]);
  }
  for (const name of ["connected", "ended", "connecting"]) {
    assert.equal(await fault(desk({ state: { name } }).ask("connect")), "state");
  }
});

test("what cannot be done is told, and does nothing", async () => {
  const closed = desk({ open: false });
  for (const name of ["sendCtrlAltDel", "screenshot"]) {
    assert.equal(await fault(closed.ask(name)), "state");
  }
  assert.equal(await fault(closed.ask("sendKey", { keysym: 1 })), "state");
  assert.equal(await fault(closed.ask("sendText", { text: "x" , layout: "us" })), "state");
  const looking = desk({ viewOnly: true });
  for (const [name, given] of [["sendCtrlAltDel"], ["sendKey", { keysym: 1 }], ["sendText", { text: "x" }], ["setClipboard", { text: "x" }]]) {
    assert.equal(await fault(looking.ask(name, given)), "view-only");
  }
  assert.deepEqual([closed.done, looking.done], [[], []]);
  const { ask, done } = desk();
  for (const name of ["", undefined, "constructor", "__proto__", "toString"]) {
    assert.equal(await fault(ask(name)), "command");
  }
  for (const given of [{}, { keysym: -1 }, { keysym: 1.5 }, { keysym: "x" }, { keysym: 2 ** 32 }, { keysym: 1, code: 7 }, { keysym: 1, down: "yes" }]) {
    assert.equal(await fault(ask("sendKey", given)), "arguments");
  }
  assert.equal(await fault(ask("setLanguage", {})), "arguments");
  assert.equal(await fault(ask("setClipboard", {})), "arguments");
  assert.equal(await fault(ask("setViewOnly", { on: "yes" })), "arguments");
  for (const given of [{}, { text: 7 }, { text: "x".repeat(100_001) }, { text: "x", layout: 7 }, { text: "x", layout: "../x" }]) {
    assert.equal(await fault(ask("sendText", { layout: "us", ...given })), "arguments");
  }
  assert.deepEqual(done, []);
});
