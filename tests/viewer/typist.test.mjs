import assert from "node:assert/strict";
import { test } from "node:test";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { strokes } from "../../static/novnc/src/keyboard/strokes.js";
import { type } from "../../static/novnc/src/keyboard/typist.js";

const us = await loadLayout("us");
const strokesOf = (text) => strokes(text, us).strokes;

class Screen {
  viewOnly = false;
  down = new Set();
  typed = [];
  released = 0;

  // What goes up that was not down changes nothing, as with a VNC server.
  sendKey(keysym, code, down) {
    if (this.viewOnly) return;
    if (down) this.typed.push(code);
    else if (!this.down.has(code)) this.released++;
    if (down) this.down.add(code);
    else this.down.delete(code);
  }
}

class Desk extends EventTarget {
  rfb = new Screen();

  lose() {
    this.rfb = null;
    this.dispatchEvent(new Event("screen"));
  }
}

test("all is typed, and what a person may hold is let go before", async () => {
  const desk = new Desk();
  assert.deepEqual(await type(desk, strokesOf("aB")), { typed: 2, why: "done" });
  assert.deepEqual(desk.rfb.typed, ["KeyA", "ShiftLeft", "KeyB"]);
  assert.equal(desk.rfb.released, 8);
  assert.equal(desk.rfb.down.size, 0);
});

test("nothing is nothing", async () => {
  assert.deepEqual(await type(new Desk(), []), { typed: 0, why: "done" });
});

test("two texts do not mix", async () => {
  const desk = new Desk();
  await Promise.all([type(desk, strokesOf("ab")), type(desk, strokesOf("cd"))]);
  assert.deepEqual(desk.rfb.typed, ["KeyA", "KeyB", "KeyC", "KeyD"]);
});

test("who stops it leaves no key down", async () => {
  const desk = new Desk();
  const stop = new AbortController();
  const progress = ({ typed }) => typed > 1 && stop.abort();
  const text = "ABCDEFGH".repeat(30);
  const { typed, why } = await type(desk, strokesOf(text), { progress, signal: stop.signal });
  assert.equal(why, "stopped");
  assert.ok(typed > 1 && typed < text.length);
  const begun = [0, 1].map((more) => text.slice(0, typed + more));
  const keys = desk.rfb.typed.map((code) => code.replace(/^Key|ShiftLeft/, "")).join("");
  assert.ok(begun.includes(keys), keys);
  assert.equal(desk.rfb.down.size, 0);
});

test("one that is stopped before its turn types nothing", async () => {
  const desk = new Desk();
  const stop = new AbortController();
  const first = type(desk, strokesOf("ab"));
  const second = type(desk, strokesOf("cd"), { signal: stop.signal });
  stop.abort();
  assert.deepEqual(await second, { typed: 0, why: "stopped" });
  assert.deepEqual(await first, { typed: 2, why: "done" });
  assert.deepEqual(desk.rfb.typed, ["KeyA", "KeyB"]);
});

test("a screen that is lost ends it, and another is not typed into", async () => {
  const desk = new Desk();
  const { rfb } = desk;
  const progress = ({ typed }) => typed > 2 && desk.lose();
  const { typed, why } = await type(desk, strokesOf("a".repeat(200)), { progress });
  assert.equal(why, "lost");
  assert.ok(typed > 2 && typed < 200);
  assert.ok(rfb.typed.length - typed <= 1);
  assert.deepEqual(await type(desk, strokesOf("x")), { typed: 0, why: "lost" });
});

test("nothing is typed where the person only watches", async () => {
  const desk = new Desk();
  desk.rfb.viewOnly = true;
  assert.deepEqual(await type(desk, strokesOf("x")), { typed: 0, why: "view-only" });
});

test("the machine's Caps Lock is taken off, where it is known to be on", async () => {
  const desk = new Desk();
  desk.rfb._remoteCapsLock = true;
  await type(desk, strokesOf("a"));
  assert.deepEqual(desk.rfb.typed, ["CapsLock", "KeyA"]);
});

test("progress says how long the rest takes", async () => {
  const heard = [];
  await type(new Desk(), strokesOf("abc"), { progress: (now) => heard.push(now) });
  assert.equal(heard.at(-1).left, 0);
  assert.equal(heard.at(-1).typed, 3);
  assert.ok(heard[0].left <= 72);
});

test("a machine that answers gets a long text group by group", async () => {
  const desk = new Desk();
  const { rfb } = desk;
  rfb._remoteNumLock = false;
  const waiting = [];
  let most = 0;
  const send = rfb.sendKey.bind(rfb);
  rfb.sendKey = (keysym, code, down) => {
    send(keysym, code, down);
    if (down && code === "NumLock") {
      waiting.length = 0;
      setTimeout(() => (rfb._remoteNumLock = !rfb._remoteNumLock));
    } else if (down) most = Math.max(most, waiting.push(code));
  };
  const end = await type(desk, strokesOf("ab".repeat(101)));
  assert.deepEqual(end, { typed: 202, why: "done" });
  assert.ok(most <= 4, `${most} at once`);
  const typed = rfb.typed.filter((code) => code !== "NumLock");
  assert.equal(typed.length, 202);
  assert.equal((rfb.typed.length - typed.length) % 2, 0);
});
