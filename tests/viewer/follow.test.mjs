import assert from "node:assert/strict";
import { test } from "node:test";
import { into, written } from "../../static/novnc/src/touch/follow.js";

const picture = (cells) => ({ width: 4, height: 3, cells: Uint32Array.from(cells) });
const EMPTY = picture(Array(12).fill(0));
const with_ = (...places) => picture(EMPTY.cells.map((_, at) => (places.includes(at) ? 1 : 0)));

test("what was written is the last cell that differs", () => {
  assert.deepEqual(written(EMPTY, with_(1, 6)), { x: 16, y: 16, width: 8, height: 16 });
});

test("nothing, another size, or a whole new picture is not somebody's writing", () => {
  assert.equal(written(EMPTY, EMPTY), null);
  assert.equal(written({ width: 2, height: 3, cells: new Uint32Array(6) }, with_(1)), null);
  assert.equal(written(EMPTY, with_(0, 1, 2, 3, 4, 5, 6, 7)), null);
});

const SEEN = { left: 100, top: 200, width: 200, height: 100 };

test("what is seen does not move", () => {
  assert.deepEqual(into({ x: 110, y: 220, width: 8, height: 16 }, SEEN), { dx: 0, dy: 0 });
});

test("what is not seen comes in with some of what is around it", () => {
  assert.deepEqual(into({ x: 40, y: 220, width: 8, height: 16 }, SEEN), { dx: -76, dy: 0 });
  assert.deepEqual(into({ x: 320, y: 320, width: 8, height: 16 }, SEEN), { dx: 44, dy: 68 });
});

test("in little room it is put into the middle", () => {
  const { dy } = into({ x: 100, y: 320, width: 8, height: 16 }, { ...SEEN, height: 20 });
  assert.equal(dy, 320 + 16 + 2 - 220);
});
