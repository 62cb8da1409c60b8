// How large a picture is shown: sharp where that costs little, and never larger than the room.
import assert from "node:assert/strict";
import { test } from "node:test";
import { factor, pixels, wanted, wholeRatio } from "../../static/novnc/src/display/sizes.js";

const PICTURE = { width: 800, height: 600 };
const FIT = { size: "scale", enlarge: true, zoom: 1 };
const room = (times) => ({ width: 800 * times, height: 600 * times });

for (const [times, expected] of [
  [0.5, 0.5],
  [0.999, 0.999],
  [1, 1],
  [1.1, 1],
  [1.2, 1.2],
  [1.9, 1.9],
  [2, 2],
  [2.2, 2],
  [2.3, 2.3],
  [3.3, 3],
]) {
  test(`a room of ${times} times is filled ${expected} times`, () => {
    assert.equal(factor(FIT, room(times), PICTURE, 1), expected);
  });
}

test("the narrower way decides", () => {
  assert.equal(factor(FIT, { width: 400, height: 6000 }, PICTURE, 1), 0.5);
  assert.equal(factor(FIT, { width: 8000, height: 300 }, PICTURE, 1), 0.5);
});

test("a small screen that is not enlarged is as large as elsewhere on the display", () => {
  const small = { ...FIT, enlarge: false };
  assert.deepEqual([1, 1.5, 2, 3].map((ratio) => factor(small, room(9), PICTURE, ratio)), [1, 1, 2, 3]);
  assert.equal(factor(small, room(0.5), PICTURE, 2), 0.5);
  assert.equal(factor(small, room(1.5), PICTURE, 2), 1.5);
});

test("one to one is that in any room, and so are its whole multiples", () => {
  for (const zoom of [1, 2, 3]) {
    assert.equal(factor({ size: "off", enlarge: true, zoom }, room(0.3), PICTURE, 1.5), zoom);
  }
});

test("no room, and no picture yet, are no error", () => {
  assert.equal(factor(FIT, { width: 0, height: 0 }, PICTURE, 1), 0);
  assert.equal(factor(FIT, { width: 0, height: 0 }, { width: 0, height: 0 }, 1), 0);
});

test("a machine is asked for whole pixels, of a size that can be read", () => {
  assert.deepEqual(wanted({ finest: false }, { width: 2001, height: 1501.5 }, 2), { width: 1000, height: 750 });
  assert.deepEqual(wanted({ finest: true }, { width: 2001, height: 1501.5 }, 2), { width: 2001, height: 1501 });
  assert.deepEqual([0.5, 1, 1.25, 1.99, 2, 2.6, 3].map(wholeRatio), [1, 1, 1, 1, 2, 2, 3]);
});

test("a room keeps its last pixel where the browser's zoom makes its length a little less", () => {
  // Chromium's, at 110 %: a window of 990 by 492.
  const [ratio, length, height] = [1.100000023841858, 899.9999389648438, 447.27271];
  assert.ok(length * ratio < 990);
  const space = { width: pixels(length, ratio), height: pixels(height, ratio) };
  assert.deepEqual(space, { width: 990, height: 492 });
  assert.equal(factor(FIT, space, { width: 990, height: 400 }, ratio), 1);
  assert.deepEqual([pixels(100.5, 1), pixels(100.2, 1.5)], [100.5, 150.296875]);
});

test("what a machine was asked for is shown sharp", () => {
  for (const ratio of [1, 1.25, 1.5, 2, 3]) {
    for (const finest of [false, true]) {
      const space = { width: 1023.5 * ratio, height: 701.25 * ratio };
      const shown = factor({ ...FIT, size: "remote" }, space, wanted({ finest }, space, ratio), ratio);
      assert.equal(shown, finest ? 1 : wholeRatio(ratio));
    }
  }
});
