// What an input method made, as strokes.
import assert from "node:assert/strict";
import { test } from "node:test";

const SOURCE = "../../static/novnc/src/keyboard/";
const { composed } = await import(`${SOURCE}composed.js`);
const { loadLayout } = await import(`${SOURCE}layouts.js`);
const german = await loadLayout("de");

test("a server that is told places gets those of the layout, and hears what it lacks", () => {
  const { strokes, missing } = composed("zê漢", german, true);
  assert.deepEqual(strokes.map(({ code }) => code), ["KeyY", "Backquote", "KeyE"]);
  assert.deepEqual(missing, ["漢"]);
});

test("another one has keys of the layout pressed, and is told what else is written", () => {
  const { strokes, missing } = composed("zé漢😀", german, false);
  assert.deepEqual(strokes.map(({ code }) => code), ["KeyY", "Equal", "KeyE", "", ""]);
  assert.deepEqual(strokes.slice(-2).map(({ keysym }) => keysym), [0x1006f22, 0x101f600]);
  assert.deepEqual(missing, []);
});

test("a letter and its accent in two characters are one", async () => {
  const { strokes } = composed("e\u0301", await loadLayout("us"), false);
  assert.deepEqual(strokes.map(({ keysym, own }) => [keysym, own]), [[0xe9, 0xe9]]);
});
