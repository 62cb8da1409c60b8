import assert from "node:assert/strict";
import { test } from "node:test";
import { Gestures } from "../../static/novnc/src/touch/gestures.js";

// Fingers by name: each step is [milliseconds, what, ...]; all that came of them.
function play(...steps) {
  const gestures = new Gestures();
  const did = [];
  for (const [now, what, ...given] of steps) {
    if (what === "down") did.push(...gestures.down(...given, now));
    if (what === "up") did.push(...gestures.up(given[0], now));
    if (what === "cancel") did.push(...gestures.cancel());
    if (what === "tick") did.push(...gestures.tick(now));
    if (what === "move") did.push(...gestures.move(given.map(([id, x, y]) => ({ id, x, y })), now));
  }
  return did;
}

const types = (did) => did.map(({ type }) => type);
const sum = (did, key) => did.reduce((total, action) => total + action[key], 0);

test("a tap clicks where the finger came down", () => {
  const did = play([0, "down", "a", 50, 60], [30, "move", ["a", 54, 63]], [80, "up", "a"]);
  assert.deepEqual(did, [{ type: "click", button: "left", x: 50, y: 60 }]);
});

test("a second tap clicks the first one's spot, if it is quick and near", () => {
  const second = (at, x) =>
    play([0, "down", "a", 50, 60], [80, "up", "a"], [at, "down", "b", x, 60], [at + 50, "up", "b"])[1].x;
  assert.equal(second(300, 70), 50);
  assert.equal(second(600, 70), 70);
  assert.equal(second(300, 150), 150);
});

test("a finger that stays shows it, and is a right click when it is lifted", () => {
  const gestures = new Gestures();
  gestures.down("a", 50, 60, 0);
  assert.equal(gestures.due, 500);
  assert.deepEqual(gestures.tick(499), []);
  assert.deepEqual(gestures.tick(500), [{ type: "hold", x: 50, y: 60 }]);
  assert.equal(gestures.due, null);
  gestures.move([{ id: "a", x: 52, y: 61 }], 600);
  assert.deepEqual(gestures.up("a", 700), [{ type: "click", button: "right", x: 50, y: 60 }]);
});

test("a tap that is heard of late is a tap", () => {
  const did = play([0, "down", "a", 50, 60], [500, "tick"], [90, "up", "a"]);
  assert.deepEqual(did.at(-1), { type: "click", button: "left", x: 50, y: 60 });
});

test("a move that is heard of late is one that did not wait", () => {
  const did = play(
    [0, "down", "a", 50, 60], [500, "tick"], [90, "move", ["a", 90, 60]], [700, "move", ["a", 95, 60]],
    [710, "up", "a"],
  );
  assert.deepEqual(types(did), ["hold", "slide", "slide", "slid"]);
  assert.deepEqual([did[1].first, sum(did.slice(1, 3), "dx")], [true, 45]);
});

test("a finger that stayed and then moves drags from where it stayed", () => {
  const did = play(
    [0, "down", "a", 50, 60], [500, "tick"], [600, "move", ["a", 80, 60]], [650, "move", ["a", 90, 70]],
    [700, "up", "a"],
  );
  assert.deepEqual(did.slice(1), [
    { type: "press", x: 50, y: 60 },
    { type: "drag", x: 80, y: 60 },
    { type: "drag", x: 90, y: 70 },
    { type: "release", x: 90, y: 70 },
  ]);
});

test("a tap and then a finger that moves drag, at once", () => {
  const did = play(
    [0, "down", "a", 50, 60], [80, "up", "a"], [200, "down", "a", 55, 60], [250, "move", ["a", 75, 60]],
    [300, "up", "a"],
  );
  assert.deepEqual(types(did), ["click", "press", "drag", "release"]);
  assert.equal(did[1].x, 50);
});

test("a tap and then a finger that stays hold the button down", () => {
  const did = play(
    [0, "down", "a", 50, 60], [80, "up", "a"], [200, "down", "a", 55, 60], [700, "tick"], [900, "up", "a"],
  );
  assert.deepEqual(types(did), ["click", "hold", "press", "release"]);
});

test("one finger that moves slides, and tells its speed when it leaves", () => {
  const did = play(
    [0, "down", "a", 50, 60], [20, "move", ["a", 70, 60]], [40, "move", ["a", 90, 60]], [45, "up", "a"],
  );
  assert.deepEqual(did.slice(0, 2), [
    { type: "slide", first: true, x: 70, y: 60, dx: 20, dy: 0 },
    { type: "slide", first: false, x: 90, y: 60, dx: 20, dy: 0 },
  ]);
  assert.deepEqual(did[2], { type: "slid", vx: 1, vy: 0 });
});

test("a finger that rested before it left has no speed", () => {
  const did = play(
    [0, "down", "a", 50, 60], [20, "move", ["a", 70, 60]], [40, "move", ["a", 90, 60]], [300, "up", "a"],
  );
  assert.deepEqual(did.at(-1), { type: "slid", vx: 0, vy: 0 });
});

test("two fingers click right between them, and three the middle button", () => {
  const two = play(
    [0, "down", "a", 50, 60], [30, "down", "b", 90, 60], [100, "up", "a"], [120, "up", "b"],
  );
  assert.deepEqual(two, [{ type: "click", button: "right", x: 70, y: 60 }]);
  const three = play(
    [0, "down", "a", 50, 60], [30, "down", "b", 90, 60], [40, "down", "c", 130, 60],
    [100, "up", "a"], [120, "up", "b"], [130, "up", "c"],
  );
  assert.deepEqual(three.map(({ button }) => button), ["middle"]);
});

test("two fingers that stay long, or moved, click nothing", () => {
  assert.deepEqual(play([0, "down", "a", 5, 5], [9, "down", "b", 90, 5], [900, "up", "a"], [910, "up", "b"]), []);
  const moved = play(
    [0, "down", "a", 50, 60], [10, "move", ["a", 70, 60]], [30, "down", "b", 90, 60], [100, "up", "a"],
    [120, "up", "b"],
  );
  assert.deepEqual(types(moved), ["slide"]);
});

test("two fingers side by side scroll, along one way alone, from where they began", () => {
  const did = play(
    [0, "down", "a", 50, 60], [10, "down", "b", 90, 60],
    [30, "move", ["a", 52, 90], ["b", 92, 90]], [50, "move", ["a", 60, 120], ["b", 100, 120]],
    [70, "up", "a"], [80, "up", "b"],
  );
  assert.deepEqual(new Set(types(did)), new Set(["scroll"]));
  assert.equal(sum(did, "dy"), 60);
  assert.equal(sum(did, "dx"), 0);
  assert.deepEqual([did[0].x, did[0].y], [70, 60]);
});

test("two fingers whose moves come one after the other scroll, too", () => {
  const did = play(
    [0, "down", "a", 50, 60], [10, "down", "b", 90, 60],
    [30, "move", ["a", 50, 78]], [31, "move", ["b", 90, 78]], [50, "move", ["a", 50, 96]],
    [51, "move", ["b", 90, 96]],
  );
  assert.deepEqual(new Set(types(did)), new Set(["scroll"]));
  assert.equal(sum(did, "dy"), 36);
});

test("two fingers apart pinch, around their middle", () => {
  const did = play(
    [0, "down", "a", 100, 60], [10, "down", "b", 200, 60],
    [30, "move", ["a", 80, 60], ["b", 220, 60]], [50, "move", ["a", 50, 60], ["b", 250, 60]],
    [70, "up", "a"], [80, "up", "b"],
  );
  assert.deepEqual(types(did), ["pinch", "pinch", "pinched"]);
  assert.equal(did[0].ratio * did[1].ratio, 2);
  assert.deepEqual([did[1].x, did[1].dx], [150, 0]);
});

test("one of two fingers that moves far pinches around the other", () => {
  const did = play(
    [0, "down", "a", 100, 60], [10, "down", "b", 200, 60], [30, "move", ["b", 215, 60]],
    [50, "move", ["b", 240, 60]],
  );
  assert.deepEqual(types(did), ["pinch"]);
  assert.equal(did[0].ratio, 1.4);
});

test("a finger that slides may be joined by another one for a pinch", () => {
  const did = play(
    [0, "down", "a", 100, 60], [20, "move", ["a", 115, 60]], [30, "down", "b", 215, 60],
    [50, "move", ["a", 90, 60], ["b", 240, 60]], [60, "up", "a"], [70, "up", "b"],
  );
  assert.deepEqual(types(did), ["slide", "pinch", "pinched"]);
  assert.equal(did[1].ratio, 1.5);
});

test("a finger more has no part in what goes on", () => {
  const did = play(
    [0, "down", "a", 50, 60], [500, "tick"], [600, "move", ["a", 80, 60]], [610, "down", "b", 9, 9],
    [620, "move", ["b", 90, 90]], [630, "up", "b"], [700, "up", "a"],
  );
  assert.deepEqual(types(did), ["hold", "press", "drag", "release"]);
});

test("fingers that are taken away click nothing, and leave no button down", () => {
  assert.deepEqual(play([0, "down", "a", 50, 60], [9, "cancel"], [20, "up", "a"]), []);
  const did = play(
    [0, "down", "a", 50, 60], [500, "tick"], [600, "move", ["a", 80, 60]], [650, "cancel"],
  );
  assert.deepEqual(did.at(-1), { type: "release", x: 80, y: 60 });
});

test("after all fingers are up, whatever they did, a tap is a tap", () => {
  const before = [
    [0, "down", "a", 1, 1], [0, "down", "b", 50, 1], [0, "down", "c", 90, 1], [0, "down", "d", 99, 1],
    [10, "up", "a"], [10, "up", "b"], [10, "up", "c"], [10, "up", "d"],
  ];
  assert.deepEqual(types(play(...before, [50, "down", "e", 9, 9], [80, "up", "e"])), ["click"]);
});
