// What the page says in each state, and the words for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../static/novnc/src/view.js";
import { Words, choose, direction } from "../../static/novnc/src/words.js";

const NOW = 1_000_000;
const shown = (state, now = NOW) => view(state, now, { host: "proxy:443", secure: true });
const waiting = (more) => ({
  name: "reconnecting", cause: 1006, began: NOW, since: NOW, attempts: 2, tryAt: null, ...more,
});

test("before anything has begun there is one thing to do", () => {
  const { status, panel } = view({ name: "waiting" }, NOW, { host: undefined, secure: true });
  assert.deepEqual([status, panel.connect, panel.retry], [["waiting"], true, null]);
});

test("after a second it says what it waits for", () => {
  const connecting = { name: "connecting", since: NOW, opened: false };
  assert.deepEqual(shown(connecting), { status: ["connecting"], panel: null, next: NOW + 1000 });
  assert.deepEqual(shown(connecting, NOW + 1000).status, ["awaits.proxy", { host: "proxy:443" }]);
  const opened = { ...connecting, opened: true };
  assert.deepEqual(shown(opened, NOW + 1000).panel.detail, ["awaits.cloud"]);
  const answered = { ...opened, answered: true };
  assert.deepEqual(shown(answered, NOW + 1000).panel.detail, ["awaits.screen"]);
});

test("a short loss is not worth a word", () => {
  const { status, panel, next } = shown(waiting({ waits: "attempt" }), NOW + 399);
  assert.deepEqual([status, panel, next], [null, null, NOW + 400]);
});

test("it counts down to the next attempt, second by second", () => {
  const state = waiting({ waits: "pause", tryAt: NOW + 3000 });
  const { panel, next } = shown(state, NOW + 500);
  assert.deepEqual(panel.detail, ["reconnecting.next", { n: 3, attempt: 3 }]);
  assert.equal(panel.retry, true);
  assert.equal(next, NOW + 1000);
  assert.deepEqual(shown(state, NOW + 1000).panel.detail[1], { n: 2, attempt: 3 });
});

test("there is nothing to try while an attempt runs, or the proxy looks", () => {
  const { panel } = shown(waiting({ waits: "attempt" }), NOW + 500);
  assert.deepEqual([panel.detail, panel.retry], [["reconnecting.now", { attempt: 2 }], false]);
  const proxy = shown(waiting({ waits: "proxy", cause: 1012 }), NOW + 500);
  assert.deepEqual(proxy.status, ["dropped.screen"]);
  assert.deepEqual([proxy.panel.detail, proxy.panel.retry], [["reconnecting.screen"], null]);
});

test("the first wanted language that there is", () => {
  const there = ["de", "pt", "zh"];
  assert.equal(choose(["pt-BR", "de"], there), "pt");
  assert.equal(choose([undefined, "zh-Hant-TW"], there), "zh");
  assert.equal(choose(["sv", "en-GB", "de"], there), "en");
  assert.equal(choose(["../x", "", "constructor"], there), "en");
  assert.deepEqual([direction("ar"), direction("hi")], ["rtl", "ltr"]);
});

test("a keyboard's name that CloudStack puts into a link is no language", () => {
  const there = ["de", "ja", "zh"];
  for (const keyboard of ["jp", "uk", "us", "sc", "no"]) {
    assert.equal(choose([keyboard, "zh-CN"], there), "zh");
  }
  assert.equal(choose(["de-ch", "zh-CN"], there), "de");
});

test("numbers choose the form, values are put in, and English stands in", () => {
  const english = { a: { one: "{n} day", other: "{n} days" }, b: "at {host}" };
  const words = new Words(english);
  words.speak("de", { a: { one: "{n} Tag", other: "{n} Tage" } });
  assert.deepEqual([1, 2].map((n) => words.text("a", { n })), ["1 Tag", "2 Tage"]);
  assert.equal(words.text("b", { host: "$&" }), "at $&");
  words.speak("he", { b: "ב־{host}" });
  assert.equal(words.text("b", { host: "1.2:3" }), "ב־\u20681.2:3\u2069");
  words.speak("de", { a: { one: "{n} Tag", other: "{n} Tage" } });
  assert.equal(words.has("toString"), false);
  words.learn({ c: "later" });
  assert.deepEqual([words.text("c"), words.has("c"), english.c], ["later", true, undefined]);
  words.speak("ja", { a: { other: "{n}" } });
  assert.equal(words.text("a", { n: 1 }), "1");
});
