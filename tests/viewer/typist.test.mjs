import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { strokes } from "../../static/novnc/src/keyboard/strokes.js";
import { type } from "../../static/novnc/src/keyboard/typist.js";

const us = await loadLayout("us");
const strokesOf = (text) => strokes(text, us).strokes;

class Screen extends EventTarget {
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

// Runs a story with a clock of its own: `until` lets time go by until all that is given has ended.
function story(name, tell) {
  test(name, async () => {
    let now = 1000;
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => now);
    const until = async (...typing) => {
      let ended = false;
      const all = Promise.all(typing).finally(() => (ended = true));
      while (!ended) {
        await new Promise(setImmediate);
        now += 1;
        mock.timers.tick(1);
      }
      return typing.length > 1 ? all : (await all)[0];
    };
    try {
      await tell(until);
    } finally {
      mock.timers.reset();
      mock.restoreAll();
    }
  });
}

story("all is typed, and what a person may hold is let go before", async (until) => {
  const desk = new Desk();
  assert.deepEqual(await until(type(desk, strokesOf("aB"))), { typed: 2, why: "done" });
  assert.deepEqual(desk.rfb.typed, ["KeyA", "ShiftLeft", "KeyB"]);
  assert.equal(desk.rfb.released, 8);
  assert.equal(desk.rfb.down.size, 0);
});

story("nothing is nothing", async (until) => {
  assert.deepEqual(await until(type(new Desk(), [])), { typed: 0, why: "done" });
});

story("two texts do not mix", async (until) => {
  const desk = new Desk();
  await until(type(desk, strokesOf("ab")), type(desk, strokesOf("cd")));
  assert.deepEqual(desk.rfb.typed, ["KeyA", "KeyB", "KeyC", "KeyD"]);
});

story("who stops it leaves no key down", async (until) => {
  const desk = new Desk();
  const stop = new AbortController();
  const progress = ({ typed }) => typed > 1 && stop.abort();
  const text = "ABCDEFGH".repeat(30);
  const { typed, why } = await until(type(desk, strokesOf(text), { progress, signal: stop.signal }));
  assert.equal(why, "stopped");
  assert.ok(typed > 1 && typed < text.length);
  const keys = desk.rfb.typed.map((code) => code.replace(/^Key|ShiftLeft/, "")).join("");
  assert.equal(keys, text.slice(0, typed), "all that was written, a key that was still down included");
  assert.equal(desk.rfb.down.size, 0);
});

story("one that is stopped before its turn types nothing", async (until) => {
  const desk = new Desk();
  const stop = new AbortController();
  const first = type(desk, strokesOf("ab"));
  const second = type(desk, strokesOf("cd"), { signal: stop.signal });
  stop.abort();
  assert.deepEqual(await until(second), { typed: 0, why: "stopped" });
  assert.deepEqual(await until(first), { typed: 2, why: "done" });
  assert.deepEqual(desk.rfb.typed, ["KeyA", "KeyB"]);
});

story("a screen that is lost ends it, and another is not typed into", async (until) => {
  const desk = new Desk();
  const { rfb } = desk;
  const progress = ({ typed }) => typed > 2 && desk.lose();
  const { typed, why } = await until(type(desk, strokesOf("a".repeat(200)), { progress }));
  assert.equal(why, "lost");
  assert.ok(typed > 2 && typed < 200);
  assert.equal(rfb.typed.length, typed);
  assert.deepEqual(await until(type(desk, strokesOf("x"))), { typed: 0, why: "lost" });
});

story("nothing is typed where the person only watches", async (until) => {
  const desk = new Desk();
  desk.rfb.viewOnly = true;
  assert.deepEqual(await until(type(desk, strokesOf("x"))), { typed: 0, why: "view-only" });
});

story("the machine's Caps Lock is taken off, where it is known to be on", async (until) => {
  const desk = new Desk();
  desk.rfb._remoteCapsLock = true;
  await until(type(desk, strokesOf("a")));
  assert.deepEqual(desk.rfb.typed, ["CapsLock", "KeyA"]);
});

story("progress says how long the rest takes", async (until) => {
  const heard = [];
  await until(type(new Desk(), strokesOf("abc"), { progress: (now) => heard.push(now) }));
  assert.equal(heard.at(-1).left, 0);
  assert.equal(heard.at(-1).typed, 3);
  assert.ok(heard[0].left <= 72);
});

// A machine that takes keys, and whose light of Num Lock tells so. `most` is how many it was sent at
// once between two such answers.
function answering(desk) {
  const { rfb } = desk;
  const seen = { most: 0, waiting: 0 };
  rfb._remoteNumLock = false;
  const send = rfb.sendKey.bind(rfb);
  rfb.sendKey = (keysym, code, down) => {
    send(keysym, code, down);
    if (!down) return;
    if (code !== "NumLock") {
      seen.most = Math.max(seen.most, ++seen.waiting);
      return;
    }
    seen.waiting = 0;
    setImmediate(() => {
      rfb._remoteNumLock = !rfb._remoteNumLock;
      rfb.dispatchEvent(new Event("lights"));
    });
  };
  return seen;
}

function assertWhole(rfb, count) {
  const typed = rfb.typed.filter((code) => code !== "NumLock");
  assert.equal(typed.length, count);
  assert.equal((rfb.typed.length - typed.length) % 2, 0);
  assert.equal(rfb.down.size, 0);
}

story("a machine that answers gets a long text group by group", async (until) => {
  const desk = new Desk();
  const seen = answering(desk);
  const end = await until(type(desk, strokesOf("ab".repeat(101))));
  assert.deepEqual(end, { typed: 202, why: "done" });
  assert.ok(seen.most <= 4, `${seen.most} at once`);
  assertWhole(desk.rfb, 202);
});

// A page that is not looked at: its timers come late.
async function away(act, late) {
  const { setTimeout } = globalThis;
  const timers = { count: 0 };
  globalThis.document = Object.assign(new EventTarget(), { hidden: true });
  globalThis.setTimeout = (call, wait) => {
    timers.count++;
    return setTimeout(call, Math.max(wait, late));
  };
  try {
    return await act(timers);
  } finally {
    globalThis.setTimeout = setTimeout;
    delete globalThis.document;
  }
}

story("in a tab that is not looked at, the machine's answers set the pace", async (until) => {
  const desk = new Desk();
  const seen = answering(desk);
  // By timers it would take until tomorrow.
  const end = await until(away(() => type(desk, strokesOf("ab".repeat(101))), 1_000_000));
  assert.deepEqual(end, { typed: 202, why: "done" });
  assert.ok(seen.most <= 4, `${seen.most} at once`);
  assertWhole(desk.rfb, 202);
});

story("in a tab that is not looked at, no key is left down until the next timer", async (until) => {
  const desk = new Desk();
  const { rfb } = desk;
  const left = new Set();
  const progress = () => rfb.down.forEach((code) => left.add(code));
  const end = await until(away(() => type(desk, strokesOf("ABc".repeat(20)), { progress }), 30));
  assert.deepEqual(end, { typed: 60, why: "done" });
  assert.deepEqual([...left], ["ShiftLeft"]);
  assertWhole(rfb, 80);
});

story("a page that is put to sleep, or left, leaves no key down", async (until) => {
  for (const leave of [
    () => document.dispatchEvent(new Event("freeze")),
    (desk) => desk.dispatchEvent(new Event("leaving")),
  ]) {
    const desk = new Desk();
    const progress = ({ typed }) => typed > 2 && leave(desk);
    const { typed, why } = await until(away(() => type(desk, strokesOf("A".repeat(100)), { progress }), 10));
    assert.equal(why, "stopped");
    assert.ok(typed > 2 && typed < 100);
    assert.equal(desk.rfb.down.size, 0);
  }
});
