import assert from "node:assert/strict";
import { test } from "node:test";
import { Metronome, carefulEvents, keyEvents } from "../../static/novnc/src/keyboard/keystream.js";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { strokes } from "../../static/novnc/src/keyboard/strokes.js";

const PACE = { key: 10, enter: 100 };
const german = await loadLayout("de");
const eventsOf = (text) => keyEvents(strokes(text, german).strokes);
const takeAll = (metronome, now) => {
  let taken = 0;
  while (metronome.take(now)) taken++;
  return taken;
};
const short = (text) => eventsOf(text).map(({ code, down }) => (down ? "+" : "-") + code);

test("a key goes down and up", () => {
  assert.deepEqual(eventsOf("y"), [
    { code: "KeyZ", keysym: 0x7a, down: true, done: 1 },
    { code: "KeyZ", keysym: 0x7a, down: false, done: 1 },
  ]);
});

test("what is held stays down for the next stroke that needs it, and goes up at the end", () => {
  assert.deepEqual(short("aB=c@"), [
    ...["+KeyA", "-KeyA", "+ShiftLeft", "+KeyB", "-KeyB", "+Digit0", "-Digit0", "-ShiftLeft"],
    ...["+KeyC", "-KeyC", "+AltRight", "+KeyQ", "-KeyQ", "-AltRight"],
  ]);
});

test("a stroke is done when its key has gone down", () => {
  const done = eventsOf("Ab").map((event) => event.done);
  assert.deepEqual(done, [0, 1, 1, 1, 2, 2]);
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

test("in groups, no more is on its way than a keyboard's controller keeps, and nothing held", () => {
  const text = "abcdef@ÄÖÜ{[]}xyzABC\u00e9\n";
  const { strokes: all } = strokes(text, german);
  const events = carefulEvents(all, true);
  const groups = [[]];
  for (const event of events) {
    groups.at(-1).push(event);
    if (event.beat) groups.push([]);
  }
  assert.deepEqual(groups.pop(), []);
  assert.ok(groups.length > 5);
  for (const group of groups) {
    const bytes = group.map(({ code, down }) => (down ? 1 : 2) + (code === "AltRight" ? 1 : 0));
    assert.ok(bytes.reduce((sum, more) => sum + more) <= 13);
    const held = new Set();
    for (const { code, down } of group) held[down ? "add" : "delete"](code);
    assert.equal(held.size, 0);
  }
  const chars = ({ code, down }) => down && !/Shift|Alt/.test(code);
  assert.deepEqual(events.filter(chars).map(({ code }) => code), all.map(({ code }) => code));
  assert.equal(events.at(-1).done, all.length);
  assert.ok(events.every(({ done }, at) => at === 0 || done >= events[at - 1].done));
});

test("another pace counts from the next key on", () => {
  const metronome = new Metronome(eventsOf("ab"), PACE, 0);
  metronome.take(0);
  metronome.use({ key: 100, enter: 0 });
  assert.equal(metronome.left(0), 310);
  metronome.rest(50);
  assert.equal(metronome.at, 50);
});

test("keys keep their distance", () => {
  const metronome = new Metronome(eventsOf("abc"), PACE, 1000);
  assert.equal(metronome.at, 1000);
  assert.deepEqual(takeAll(metronome, 1000), 1);
  assert.deepEqual(takeAll(metronome, 1009), 0);
  assert.deepEqual(takeAll(metronome, 1030), 3);
  assert.equal(metronome.at, 1040);
  assert.deepEqual(takeAll(metronome, 1050), 2);
  assert.equal(metronome.at, null);
});

test("there is a pause behind Enter", () => {
  const metronome = new Metronome(eventsOf("\na"), PACE, 0);
  assert.equal(takeAll(metronome, 10), 2);
  assert.equal(metronome.at, 120);
});

test("a timer that comes very late does not send all at once", () => {
  const metronome = new Metronome(eventsOf("x".repeat(500)), PACE, 0);
  assert.equal(takeAll(metronome, 60_000), 101);
  assert.equal(takeAll(metronome, 60_000), 0);
});

test("one that is early is due with the next, and not before its time", () => {
  const metronome = new Metronome(eventsOf("abc"), PACE, 1000);
  for (let early = 0; early < 3; early++) assert.ok(metronome.take(1000, true));
  assert.equal(metronome.at, 1010);
  assert.equal(metronome.take(1009), null);
  assert.equal(takeAll(metronome, 1030), 3);
});

test("what is left is known", () => {
  const metronome = new Metronome(eventsOf("ab\n"), PACE, 0);
  assert.equal(metronome.left(0), 160);
  takeAll(metronome, 0);
  assert.equal(metronome.left(5), 155);
  takeAll(metronome, 1000);
  assert.equal(metronome.left(1000), 0);
});
