// The states of the viewer's page, without a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseClose } from "../../static/novnc/src/ending.js";
import { begin, due, step } from "../../static/novnc/src/machine.js";

const NOW = 1_000_000;
const MINUTE = 60_000;
const close = (code, text = "") => ({
  type: "closed",
  close: { ...parseClose(code, text), host: "proxy:443", secure: true, reached: true },
});
const opened = () => step(step(begin(NOW), { type: "opened" }, NOW), { type: "connected" }, NOW);
const dropped = (code = 1006) => step(opened(), close(code), NOW + MINUTE);
const tried = (state) => step(state, { type: "tick" }, due(state));

test("a console opens, and says nothing of how", () => {
  assert.equal(step(begin(NOW), { type: "opened" }, NOW).opened, true);
  assert.equal(step(begin(NOW), { type: "answered" }, NOW).answered, true);
  assert.equal(opened().name, "connected");
  assert.equal(due(opened()), null);
});

test("a proxy that nobody reached is named, and may be tried again", () => {
  const unreached = { type: "closed", close: { ...close(1006).close, reached: false } };
  const { name, end } = step(begin(NOW), unreached, NOW);
  assert.equal(name, "ended");
  assert.deepEqual([end.key, end.host, end.retry], ["unreachable", "proxy:443", true]);
});

test("a lost connection is tried at once, and then less and less often", () => {
  let state = dropped();
  let now = NOW + MINUTE;
  const pauses = [];
  while (pauses.length < 7) {
    pauses.push((state.tryAt - now) / 1000);
    now = state.tryAt;
    state = step(tried(state), close(1006), now);
    assert.equal(state.attempts, pauses.length);
  }
  assert.deepEqual(pauses, [0, 1, 1, 2, 3, 5, 5]);
});

test("what drops again at once is not tried at once, and its attempts count on", () => {
  const again = step(tried(dropped()), { type: "connected" }, NOW + MINUTE);
  const state = step(again, close(1006), NOW + MINUTE + 100);
  assert.deepEqual([state.attempts, state.tryAt], [1, NOW + MINUTE + 1100]);
  const steady = step(again, close(1006), NOW + 2 * MINUTE);
  assert.deepEqual([steady.attempts, steady.tryAt], [0, NOW + 2 * MINUTE]);
});

test("a console that waits for its person begins when it is told to", () => {
  const waiting = { name: "waiting" };
  assert.equal(due(waiting), null);
  assert.equal(step(waiting, { type: "online" }, NOW), waiting);
  assert.deepEqual(step(waiting, { type: "connect" }, NOW), begin(NOW));
  assert.equal(step(waiting, { type: "cancel" }, NOW).name, "ended");
  assert.equal(step(opened(), { type: "connect" }, NOW).name, "connected");
});

test("a console that does not return by itself ends where it drops, and may be tried again", () => {
  const end = (event, state = opened()) => step(state, event, NOW + MINUTE, false).end;
  const lost = end(close(1006));
  assert.deepEqual([lost.key, lost.retry, lost.advice], ["connection", true, ""]);
  assert.deepEqual([end(close(1012)).key, end(close(1012)).retry], ["dropped", true]);
  assert.deepEqual(end(close(1012), begin(NOW)).key, "dropped");
  const said = end(close(1012, "lost: It was closed."));
  assert.deepEqual([said.key, said.reason], ["lost", "It was closed."]);
  assert.equal(end(close(4410, "operator: An operator did.")).retry, false);
  assert.equal(step(opened(), { type: "offline" }, NOW, false).name, "connected");
});

test("the proxy looks for a lost screen itself: nothing is tried, and nothing given up", () => {
  const lost = step(opened(), { type: "lost" }, NOW + MINUTE);
  assert.deepEqual([lost.name, lost.waits, due(lost)], ["reconnecting", "proxy", null]);
  assert.equal(step(lost, { type: "retry" }, NOW).waits, "proxy");
  const back = step(lost, { type: "connected" }, NOW + 2 * MINUTE);
  assert.equal(back.name, "connected");
  const { end } = step(lost, close(4502, "lost: It did not come back."), NOW + MINUTE);
  assert.deepEqual([end.key, end.advice, end.retry], ["lost", "", false]);
});

test("offline drops the console at once, and online tries at once", () => {
  const state = step(opened(), { type: "offline" }, NOW + MINUTE);
  assert.deepEqual([state.name, state.cause, state.tryAt], ["reconnecting", 1006, NOW + MINUTE]);
  const waiting = step(tried(state), close(1006), NOW + MINUTE);
  assert.equal(waiting.waits, "pause");
  const online = step(waiting, { type: "online" }, NOW + MINUTE);
  assert.deepEqual([online.waits, online.attempts], ["attempt", 2]);
  const hanging = step(online, { type: "online" }, NOW + MINUTE);
  assert.equal(hanging.attempts, 3, "an attempt over a network that is gone");
});

test("a refusal that may pass is tried again by its mark and not by its words", () => {
  const trying = tried(dropped());
  const passing = step(trying, close(4502, "silent+: nur Geduld"), NOW + MINUTE);
  assert.equal(passing.waits, "pause");
  const final = step(trying, close(4502, "login: Never try again."), NOW + MINUTE);
  assert.deepEqual([final.name, final.end.key, final.end.retry], ["ended", "login", false]);
});

test("a link whose time has passed is told as what made it come to that", () => {
  for (const [code, key] of [[1006, "connection"], [1012, "not-back"]]) {
    const { end } = step(tried(dropped(code)), close(4409, "used: It was used."), NOW + MINUTE);
    assert.deepEqual([end.code, end.key, end.advice], [4409, key, "advice.link"]);
  }
});

test("a proxy that knows nothing of the console any more ends its tries", () => {
  const trying = tried(step(opened(), { type: "offline" }, NOW));
  const { end } = step(trying, close(4401, "over: It has ended."), NOW + 100);
  assert.deepEqual([end.code, end.key, end.retry], [4401, "connection", false]);
});

test("a console that ended is opened again where its link is still good", () => {
  const { name, end } = step(begin(NOW), close(4429, "full+: Try again."), NOW);
  assert.deepEqual([name, end.retry], ["ended", true]);
  assert.deepEqual(step({ name, end }, { type: "again" }, NOW + MINUTE), begin(NOW + MINUTE));
});

test("a tab that took the console over is not fought", () => {
  const { name, end } = step(opened(), close(4409, "replaced: It was opened elsewhere."), NOW);
  assert.deepEqual([name, end.key, end.retry], ["ended", "replaced", false]);
});

test("after five minutes it is given up", () => {
  let state = dropped();
  state = { ...state, tryAt: null, waits: "attempt", attempts: 40 };
  assert.equal(due(state), NOW + MINUTE + 5 * MINUTE);
  assert.equal(step(state, { type: "tick" }, due(state)).end.key, "connection");
  assert.equal(step(state, { type: "tick" }, due(state) - 1), state);
});

test("an attempt that nobody answers is begun anew, and one that was answered is not", () => {
  const trying = tried(dropped());
  assert.equal(due(trying), NOW + MINUTE + 20_000);
  const anew = tried(trying);
  assert.deepEqual([anew.waits, anew.attempts], ["attempt", 2]);
  const answered = step(trying, { type: "opened" }, NOW + MINUTE + 300);
  assert.equal(due(answered), NOW + MINUTE + 5 * MINUTE);
  const paused = step(answered, close(1006), NOW + MINUTE + 500);
  assert.equal(step(paused, { type: "opened" }, NOW + MINUTE + 600), paused);
});

test("an attempt is not hurried by the person, who is told that it runs", () => {
  const trying = tried(dropped());
  assert.equal(step(trying, { type: "retry" }, NOW + MINUTE + 100), trying);
});

test("cancel ends whatever there is, and an end is for good", () => {
  for (const state of [begin(NOW), opened(), dropped()]) {
    const ended = step(state, { type: "cancel" }, NOW);
    assert.deepEqual([ended.name, ended.end.key], ["ended", "closed-here"]);
    assert.equal(step(ended, { type: "connected" }, NOW), ended);
  }
});

test("the end of an open console has used its link up, unless the proxy goes", () => {
  const end = (code, text) => step(opened(), close(code, text), NOW).end;
  assert.equal(end(4410, "operator: Ended.").advice, "advice.link");
  assert.equal(end(1001, "draining: Going.").advice, "");
  assert.equal(end(4408, "mute+: Silent.").advice, "");
  assert.equal(end(1011, "Bad gateway").reason, "Bad gateway");
  assert.equal(end(1001, "Maintenance").advice, "advice.link", "it is not the proxy that says so");
  assert.equal(end(1005).key, "unexpected");
});

test("who ends a console while its screen is looked for has ended it, too", () => {
  const looking = step(opened(), { type: "lost" }, NOW + MINUTE);
  for (const [code, text] of [[4410, "operator: An operator did."], [4408, "idle: Nothing happened."]]) {
    const { end } = step(looking, close(code, text), NOW + 2 * MINUTE);
    assert.deepEqual([end.advice, end.retry], ["advice.link", false]);
  }
});

test("whatever is said at an end, there is something to do", () => {
  for (const code of [1000, 1001, 1005, 1006, 1008, 1011, 1012, 4400, 4401, 4502]) {
    for (const text of ["", "Maintenance", "silent+: It did not answer. Try again."]) {
      for (const state of [begin(NOW), opened()]) {
        const { name, end } = step(state, close(code, text), NOW);
        const told = name !== "ended" || end.advice || end.retry || text.includes(": ");
        assert.ok(told, `${state.name} ${code} ${text}`);
      }
    }
  }
});
