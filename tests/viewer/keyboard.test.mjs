// What is known of the keys that are down.
import assert from "node:assert/strict";
import { test } from "node:test";

const SOURCE = "../../static/novnc/src/keyboard/";
const { Held } = await import(`${SOURCE}held.js`);
const { Pressed, WayOut, isModifier } = await import(`${SOURCE}modifiers.js`);

const codes = (keys) => keys.map(({ code }) => code);

test("a key is sent as released once, and as what it was pressed as", () => {
  const held = new Held();
  assert.equal(held.press(0x41, "KeyA", "person").keysym, 0x41);
  assert.equal(held.press(0x61, "KeyA", "person").keysym, 0x41, "it repeats");
  assert.equal(held.release(0x61, "KeyA", "person").keysym, 0x41);
  assert.equal(held.release(0x61, "KeyA", "person"), null);
});

test("a key that two hold is up when both have let go", () => {
  const held = new Held();
  held.press(0xffe3, "ControlLeft", "person");
  held.press(0xffe3, "ControlLeft", "row");
  assert.equal(held.release(0xffe3, "ControlLeft", "person"), null);
  assert.equal(held.release(0xffe3, "ControlLeft", "other"), null);
  assert.equal(held.release(0xffe3, "ControlLeft", "row").code, "ControlLeft");
});

test("all keys go up in the other order, and only once", () => {
  const held = new Held();
  for (const code of ["ControlLeft", "AltLeft", "Delete"]) held.press(1, code, "person");
  assert.deepEqual(codes(held.clear()), ["Delete", "AltLeft", "ControlLeft"]);
  assert.deepEqual(held.clear(), []);
  assert.equal(held.release(1, "Delete", "person"), null);
});

test("what a text presses stays down when the person's keys go up", () => {
  const held = new Held();
  held.press(1, "ShiftLeft", "person");
  held.press(1, "ShiftLeft", "typist");
  held.press(2, "KeyA", "typist");
  held.press(3, "ControlLeft", "person");
  assert.deepEqual(codes(held.clear("typist")), ["ControlLeft"]);
  assert.ok(!held.holds("ShiftLeft", "person"));
  assert.equal(held.release(1, "ShiftLeft", "typist").code, "ShiftLeft");
  assert.deepEqual(codes(held.clear()), ["KeyA"]);
});

test("keys without a place are told apart by what they make", () => {
  const held = new Held();
  for (const code of ["", undefined, "Unidentified"]) {
    held.press(0x61, code, "person");
    held.press(0x62, code, "person");
    assert.equal(held.release(0x61, code, "person").keysym, 0x61);
    assert.equal(held.clear().length, 1);
  }
});

test("modifiers are known by their place", () => {
  for (const code of ["ControlLeft", "AltRight", "ShiftRight", "MetaLeft"]) {
    assert.ok(isModifier(code), code);
  }
  for (const code of ["KeyA", "CapsLock", "", undefined]) assert.ok(!isModifier(code), code);
});

test("a modifier whose release went elsewhere is found at the next key", () => {
  const pressed = new Pressed();
  pressed.down("AltLeft", "Alt");
  pressed.down("ControlRight", "Control");
  assert.deepEqual(pressed.lost((name) => name === "Alt" || name === "Control"), []);
  assert.deepEqual(pressed.lost((name) => name === "Control"), ["AltLeft"]);
  assert.deepEqual(pressed.lost((name) => name === "Control"), [], "told once");
  pressed.up("ControlRight");
  assert.deepEqual(pressed.lost(() => false), []);
});

test("Alt and its kin are one another's where systems name them differently", () => {
  const pressed = new Pressed();
  pressed.down("AltRight", "AltGraph");
  assert.deepEqual(pressed.lost(() => false), [], "it may not be told that it is down");
  pressed.down("AltLeft", "Meta");
  assert.deepEqual(pressed.lost((name) => name === "Alt"), []);
  pressed.down("CapsLock", "Control");
  assert.deepEqual(pressed.lost((name) => name === "Alt"), ["CapsLock"]);
});

test("Ctrl and Alt are down where they are told as AltGr", () => {
  const pressed = new Pressed();
  pressed.down("ControlLeft", "Control");
  pressed.down("AltLeft", "Alt");
  pressed.down("ShiftLeft", "Shift");
  assert.deepEqual(pressed.lost((name) => name === "AltGraph"), ["ShiftLeft"]);
  assert.deepEqual(pressed.lost(() => false), ["ControlLeft", "AltLeft"]);
});

function leads(...steps) {
  const out = new WayOut();
  return steps.map((step) => (step[0] === "+" ? out.down(step.slice(1)) : out.up(step.slice(1)))).at(-1);
}

test("Ctrl, Alt and Shift together lead out when the last one is up", () => {
  assert.equal(leads("+ControlLeft", "+AltLeft", "+ShiftLeft", "-AltLeft", "-ShiftLeft"), false);
  const up = ["-AltLeft", "-ControlLeft", "-ShiftLeft"];
  assert.equal(leads("+ControlLeft", "+AltLeft", "+AltLeft", "+ShiftLeft", ...up), true);
  assert.equal(leads("+ShiftRight", "+AltLeft", "+ControlRight", "-ShiftRight", "-AltLeft", "-ControlRight"), true);
});

test("nothing else leads out: another key, AltGr, or one that was up before", () => {
  const up = ["-ShiftLeft", "-AltLeft", "-ControlLeft"];
  assert.equal(leads("+ControlLeft", "+AltLeft", "+ShiftLeft", "+F1", "-F1", ...up), false);
  assert.equal(leads("+ControlLeft", "+AltRight", "+ShiftLeft", "-ShiftLeft", "-AltRight", "-ControlLeft"), false);
  assert.equal(leads("+ControlLeft", "+AltLeft", "-AltLeft", "+ShiftLeft", "-ShiftLeft", "-ControlLeft"), false);
  assert.equal(leads("-ShiftLeft"), false);
});

test("a key whose release is never told does not block the way", () => {
  const up = ["-ShiftLeft", "-AltLeft", "-ControlLeft"];
  assert.equal(leads("+Backquote", "+ControlLeft", "+AltLeft", "+ShiftLeft", ...up), true);
});

test("after a wrong turn, the way is open again", () => {
  const up = ["-ShiftLeft", "-AltLeft", "-ControlLeft"];
  const down = ["+ControlLeft", "+AltLeft", "+ShiftLeft"];
  assert.equal(leads(...down, "+F1", "-F1", ...up, ...down, ...up), true);
});
