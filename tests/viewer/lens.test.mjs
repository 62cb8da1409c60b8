import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, glide, legible, limits, pull, scrollTo, settles, zoomed } from "../../static/novnc/src/touch/lens.js";

const VIEW = { width: 360, height: 600 };
const PICTURE = { width: 720, height: 400 };

test("all of a picture fits", () => {
  assert.equal(fitting(VIEW, PICTURE), 0.5);
  assert.equal(fitting({ width: 720, height: 200 }, PICTURE), 0.5);
});

test("a zoom goes from all of the picture to four times that, and to twice the machine's pixels", () => {
  assert.deepEqual(limits(VIEW, PICTURE, 0.5), { least: 0.5, most: 2 });
  assert.deepEqual(limits(VIEW, { width: 3600, height: 400 }, 0.1), { least: 0.1, most: 2 });
  assert.deepEqual(limits({ width: 1440, height: 800 }, PICTURE, 2), { least: 2, most: 8 });
  // At actual size, all of the picture may be looked at, too.
  assert.equal(limits(VIEW, PICTURE, 1).least, 0.5);
  assert.equal(zoomed(0.5, 10, limits(VIEW, PICTURE, 0.5)), 2);
  assert.equal(zoomed(0.5, 0.1, limits(VIEW, PICTURE, 0.5)), 0.5);
});

test("a zoom that ends near to where it began goes back there", () => {
  assert.equal(settles(0.51, 0.5), true);
  assert.equal(settles(0.6, 0.5), false);
  assert.equal(settles(0.5, 1), false);
});

test("what is between the fingers stays there", () => {
  assert.deepEqual(scrollTo({ x: 100, y: 50 }, { x: 180, y: 30 }, 3), { left: 120, top: 120 });
});

test("a picture that was pushed comes to rest", () => {
  let speed = { vx: 2, vy: -1 };
  let [frames, way] = [0, 0];
  for (; speed && frames < 1000; frames++) {
    speed = glide(speed, 16);
    way += speed?.dx ?? 0;
  }
  assert.ok(frames > 10 && frames < 100, `${frames} frames`);
  assert.ok(way > 200 && way < 600, `${way} pixels`);
});

test("a drag at an edge pulls, the nearer the faster, and none in the middle", () => {
  const box = { left: 0, top: 100, right: 360, bottom: 700 };
  assert.equal(pull(180, 400, box), null);
  assert.deepEqual(pull(20, 400, box), { dx: 6, dy: 0 });
  assert.deepEqual(pull(0, 720, box), { dx: 12, dy: -12 });
  assert.deepEqual(pull(-50, 400, box), { dx: 12, dy: 0 });
});

test("in little height a line of a text console is as wide as the view", () => {
  assert.equal(legible({ width: 740, height: 130 }, PICTURE, 0.325), 1);
  assert.equal(legible({ width: 600, height: 130 }, { width: 1200, height: 800 }, 0.1625), 0.5);
  assert.equal(legible({ width: 360, height: 300 }, PICTURE, 0.5), 0.5);
});
