import assert from "node:assert/strict";
import { test } from "node:test";
import { graphemes } from "../../static/novnc/src/keyboard/graphemes.js";

const segmenter = new Intl.Segmenter();
const PIECES = [
  ..."ab \t\n\r",
  "\r\n",
  "é",
  "e\u0301",
  "\u0301",
  "漢",
  "नमस्ते",
  "한",
  "\u1112\u1161\u11ab",
  "😀",
  "👩‍💻",
  "👍🏽",
  "\ud83c\udffd",
  "🇩🇪",
  "🇫",
  "❤\ufe0f",
  "\u200d",
  "\ud83d",
  "\udc4d",
];

// The same each time (Park and Miller's).
function* numbers(seed) {
  for (;;) yield (seed = (seed * 48271) % 2147483647);
}

test("they are those of the browser, wherever a part of the text ends", () => {
  const random = numbers(7);
  for (let round = 0; round < 60; round++) {
    const count = 200 + (random.next().value % 1500);
    const text = Array.from({ length: count }, () => PIECES[random.next().value % PIECES.length]).join("");
    const expected = [...segmenter.segment(text)].map(({ segment, index }) => ({ segment, index }));
    assert.deepEqual([...graphemes(text)], expected);
  }
});

test("one may be longer than a part", () => {
  const tower = `a${"\u0301".repeat(5000)}`;
  assert.deepEqual([...graphemes(`${tower}b`)].map(({ segment }) => segment), [tower, "b"]);
});

test("nothing has none", () => {
  assert.deepEqual([...graphemes("")], []);
});

test("the time grows with the text, and not with its square", () => {
  const took = (text) => {
    const began = performance.now();
    let count = 0;
    for (const _ of graphemes(text)) count++;
    assert.equal(count, text.length);
    return performance.now() - began;
  };
  const line = "The quick brown fox\n";
  took(line.repeat(500));
  // The square would be 400 times as much.
  assert.ok(took(line.repeat(10_000)) < 100 * Math.max(5, took(line.repeat(500))));
});
