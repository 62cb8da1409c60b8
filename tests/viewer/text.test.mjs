import assert from "node:assert/strict";
import { test } from "node:test";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { beyondLatin1, isLong, nameOf, plan, reached } from "../../static/novnc/src/paste/text.js";

const us = await loadLayout("us");
const german = await loadLayout("de");

test("a text is counted in what a person takes for characters", () => {
  const { characters, lines, enters, strokes } = plan("a\u0308b\r\nc", german);
  assert.deepEqual([characters, lines, enters], [4, 2, 1]);
  assert.deepEqual(strokes.map(({ code }) => code), ["Quote", "KeyB", "Enter", "KeyC"]);
});

test("a text that is far too long takes no longer than the longest", () => {
  assert.equal(plan("x".repeat(3), us, 3).characters, 3);
  assert.equal(plan("x".repeat(4), us, 3), null);
  const began = performance.now();
  assert.equal(plan("xyz".repeat(10_000_000), us, 1000), null);
  assert.ok(performance.now() - began < 10_000);
});

test("a line end at the end is an Enter, but no line", () => {
  const { lines, enters } = plan("reboot\n", us);
  assert.deepEqual([lines, enters], [1, 1]);
});

test("what the layout has no keys for is named with its first place", () => {
  const { missing, strokes } = plan("a漢\n b👩‍💻漢", us);
  assert.deepEqual(missing, [
    { written: "漢", line: 1, column: 2, times: 2 },
    { written: "👩‍💻", line: 2, column: 3, times: 1 },
  ]);
  assert.deepEqual(strokes.map(({ code }) => code), ["KeyA", "Enter", "Space", "KeyB"]);
});

test("control characters are not typed", () => {
  assert.deepEqual(plan("\x03\x1b[A\x7f", us).missing.map(({ written }) => nameOf(written)), [
    "U+0003",
    "U+001B",
    "U+007F",
  ]);
});

test("more than a screen of text is long", () => {
  assert.equal(isLong(plan("x".repeat(2000), us)), false);
  assert.equal(isLong(plan("x".repeat(2001), us)), true);
  assert.equal(isLong(plan("x\n".repeat(25), us)), false);
  assert.equal(isLong(plan("x\n".repeat(26), us)), true);
});

test("it is known where in the text typing stands, behind two strokes for one character, too", () => {
  const text = "è😀x";
  const planned = plan(text, german);
  assert.deepEqual(
    [0, 1, 2, 3].map((typed) => text.slice(0, reached(planned, typed))),
    ["", "è", "è", text],
  );
});

test("an invisible character is told by its number", () => {
  assert.equal(nameOf("é"), "é");
  assert.equal(nameOf("\u00a0"), "U+00A0");
  assert.equal(nameOf("\u200b"), "U+200B");
  assert.equal(nameOf("\u0301"), "U+0301");
});

test("what Latin-1 lacks is known", () => {
  assert.deepEqual(beyondLatin1("Fähre €5 €6 – 😀"), ["€", "–", "😀"]);
});
