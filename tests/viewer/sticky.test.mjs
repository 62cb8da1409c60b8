// Modifiers of the row on the screen.
import assert from "node:assert/strict";
import { test } from "node:test";

const SOURCE = "../../static/novnc/src/keyboard/";
const { Sticky } = await import(`${SOURCE}sticky.js`);
const { FUNCTIONS, MODIFIERS, OTHERS } = await import(`${SOURCE}row.js`);

test("pressed once it is held for a key, twice it is locked, then it is up", () => {
  const sticky = new Sticky();
  const states = [1, 2, 3, 4].map(() => sticky.press("ctrl"));
  assert.deepEqual(states, ["once", "locked", "off", "once"]);
  assert.equal(sticky.state("alt"), "off");
});

test("a key lets go of what was held for it alone", () => {
  const sticky = new Sticky();
  for (const name of ["ctrl", "alt", "alt"]) sticky.press(name);
  assert.deepEqual(sticky.used(), ["ctrl"]);
  assert.deepEqual(sticky.used(), []);
  assert.equal(sticky.state("alt"), "locked");
  assert.deepEqual(sticky.clear(), ["alt"]);
  assert.deepEqual(sticky.clear(), []);
});

test("what is up again is not let go of again", () => {
  const sticky = new Sticky();
  for (let press = 0; press < 3; press++) sticky.press("ctrl");
  assert.deepEqual(sticky.used(), []);
  assert.deepEqual(sticky.clear(), []);
});

test("each key of the row has a place that noVNC knows, and a keysym", async () => {
  const codes = await import("../../static/novnc/node_modules/@novnc/novnc/core/input/xtscancodes.js");
  const keys = [...MODIFIERS.flatMap(({ keys }) => keys), ...[...OTHERS, ...FUNCTIONS].map(({ key }) => key)];
  assert.equal(FUNCTIONS.at(-1).sign, "F12");
  for (const [code, keysym] of keys) {
    assert.ok(codes.default[code], code);
    assert.ok(keysym > 0xfe00 && keysym <= 0xffff, code);
  }
});
