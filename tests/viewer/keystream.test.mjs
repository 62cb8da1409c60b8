import assert from "node:assert/strict";
import { test } from "node:test";
import { Metronome, keyEvents } from "../../static/novnc/src/keyboard/keystream.js";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { strokes } from "../../static/novnc/src/keyboard/strokes.js";

const PACE = { key: 10, enter: 100 };
const german = await loadLayout("de");
const eventsOf = (text) => keyEvents(strokes(text, german).strokes);
const short = (text) => eventsOf(text).map(({ code, down }) => (down ? "+" : "-") + code);

test("a key goes down and up", () => {
  assert.deepEqual(eventsOf("y"), [
    { code: "KeyZ", keysym: 0x7a, down: true, done: 0 },
    { code: "KeyZ", keysym: 0x7a, down: false, done: 1 },
  ]);
});

test("what is held stays down for the next stroke that needs it, and goes up at the end", () => {
  assert.deepEqual(short("aB=c@"), [
    ...["+KeyA", "-KeyA", "+ShiftLeft", "+KeyB", "-KeyB", "+Digit0", "-Digit0", "-ShiftLeft"],
    ...["+KeyC", "-KeyC", "+AltRight", "+KeyQ", "-KeyQ", "-AltRight"],
  ]);
});

test("a stroke is done when its key is up", () => {
  const done = eventsOf("Ab").map((event) => event.done);
  assert.deepEqual(done, [0, 0, 1, 1, 1, 2]);
});

test("every key that goes down goes up, in any text", () => {
  const held = new Set();
  for (const { code, down } of eventsOf('Ein "Maß" für {x}@[y]: ÀÉ^~`\n\tEnde!')) {
    assert.equal(held.has(code), !down);
    if (down) held.add(code);
    else held.delete(code);
  }
  assert.equal(held.size, 0);
});

test("keys keep their distance", () => {
  const metronome = new Metronome(eventsOf("abc"), PACE, 1000);
  assert.equal(metronome.at, 1000);
  assert.deepEqual(metronome.take(1000).length, 1);
  assert.deepEqual(metronome.take(1009).length, 0);
  assert.deepEqual(metronome.take(1030).length, 3);
  assert.equal(metronome.at, 1040);
  assert.deepEqual(metronome.take(1050).length, 2);
  assert.equal(metronome.at, null);
});

test("there is a pause behind Enter", () => {
  const metronome = new Metronome(eventsOf("\na"), PACE, 0);
  assert.equal(metronome.take(10).length, 2);
  assert.equal(metronome.at, 120);
});

test("a timer that comes very late does not send all at once", () => {
  const metronome = new Metronome(eventsOf("x".repeat(500)), PACE, 0);
  assert.equal(metronome.take(60_000).length, 101);
  assert.equal(metronome.take(60_000).length, 0);
});

test("what is left is known", () => {
  const metronome = new Metronome(eventsOf("ab\n"), PACE, 0);
  assert.equal(metronome.left(0), 160);
  metronome.take(0);
  assert.equal(metronome.left(5), 155);
  metronome.take(1000);
  assert.equal(metronome.left(1000), 0);
});
