// An automatic quality: goes down soon, up slowly, and not to and fro.
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, judge, renew } from "../../static/novnc/src/display/automatic.js";

const CALM = { latest: 30, bandwidth: 2_000_000 };
const FULL = { latest: 900, bandwidth: 700_000 };
const IDLE = { latest: 30, bandwidth: 1000 };

// Measures once a second for so many seconds; returns the state and when its level changed.
function live(state, measure, seconds, from = 0) {
  const changes = [];
  for (let second = from; second < from + seconds; second++) {
    const before = state.level;
    state = judge(state, measure, second * 1000);
    if (state.level !== before) changes.push([second - from, state.level]);
  }
  return { state, changes, end: from + seconds };
}

const known = () => judge(begin(false), IDLE, 0);

test("it begins in between, and where nothing is measured stays there", () => {
  assert.equal(begin(false).level, "balanced");
  assert.deepEqual(live(begin(false), { latest: null, bandwidth: null }, 600).changes, []);
});

test("a full line is felt after three seconds, and once more", () => {
  const { changes } = live(known(), FULL, 60, 1);
  assert.deepEqual(changes, [[3, "save"]]);
});

test("one late echo is nothing", () => {
  let state = known();
  for (let second = 1; second < 100; second += 2) {
    state = judge(state, FULL, second * 1000);
    state = judge(state, IDLE, (second + 1) * 1000);
  }
  assert.equal(state.level, "balanced");
});

test("what is far away is not full", () => {
  const far = { latest: 600, bandwidth: 3_000_000 };
  assert.deepEqual(live(begin(false), far, 600).changes, [], "nor better for being broad");
});

test("a line that carries much is tried with more, one on which nothing happens is not", () => {
  assert.deepEqual(live(known(), IDLE, 3600, 1).changes, []);
  assert.deepEqual(live(known(), CALM, 60, 1).changes, [[14, "best"]]);
});

test("between two qualities the tries become rare", () => {
  let state = known();
  const tries = [];
  for (let second = 1; second < 1800; second++) {
    const before = state.level;
    state = judge(state, state.level === "best" ? FULL : CALM, second * 1000);
    if (before !== state.level && state.level === "best") tries.push(second);
  }
  const pauses = tries.slice(1).map((second, at) => second - tries[at]);
  assert.ok(pauses.every((pause, at) => pause >= (pauses[at - 1] ?? 0)), String(pauses));
  assert.ok(tries.length <= 9 && pauses.at(-1) > 290, String(pauses));
});

test("a phone that sleeps has not been calm meanwhile", () => {
  let state = judge(known(), CALM, 1000);
  state = judge(state, CALM, 3_600_000);
  assert.equal(state.level, "balanced");
});

test("another connection has another quickest echo", () => {
  const { state } = live(known(), CALM, 5, 1);
  const slow = { latest: 400, bandwidth: 1000 };
  assert.deepEqual(live(renew(state), slow, 60, 10).changes, []);
  assert.deepEqual(live(state, slow, 60, 10).changes, [[3, "save"]]);
});

test("who saves data is not tried with more", () => {
  assert.equal(begin(true).level, "save");
  assert.deepEqual(live(begin(true), CALM, 600).changes, []);
});
