import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLayout, chosenLayout, layoutOf } from "../../static/novnc/src/keyboard/choice.js";
import { Conversion } from "../../static/novnc/src/keyboard/conversion.js";
import { charOf, keysymOf } from "../../static/novnc/src/keyboard/keysyms.js";
import { loadLayout } from "../../static/novnc/src/keyboard/layouts.js";

const NAMED = { Shift: 0xffe1, AltGr: 0xfe03, Control: 0xffe3, Alt: 0xffea, Caps: 0xffe5, F1: 0xffbe };

// A machine with that layout: what it is sent, as "+KeyA -KeyA".
async function machine(id, { extended = true } = {}) {
  const down = new Set();
  const layout = await loadLayout(id);
  const holds = (code) => down.has(code);
  const conversion = new Conversion(layout, { isExtended: () => extended, holds, isDown: holds });
  const sent = [];
  const key = (what, code, pressed) => {
    const keysym = what === "" ? null : (NAMED[what] ?? keysymOf(what));
    const made = conversion.key(keysym, code, pressed);
    const events = made ? made.events : [{ keysym, code, down: pressed }];
    for (const event of events) {
      if (event.down) down.add(event.code);
      else down.delete(event.code);
      sent.push(event);
    }
    return made?.missing;
  };
  const said = () =>
    sent.splice(0).map(({ code, down: pressed }) => (pressed ? "+" : "-") + code).join(" ");
  return { press: (what, code) => key(what, code, true), lift: (what, code) => key(what, code, false), said, sent, down, conversion };
}

test("a letter is the key that has it, as long as the person's is down", async () => {
  const { press, lift, said } = await machine("de");
  press("z", "KeyZ");
  press("z", "KeyZ");
  assert.equal(said(), "+KeyY +KeyY");
  lift("z", "KeyZ");
  assert.equal(said(), "-KeyY");
});

test("Shift stays down where both need it", async () => {
  const { press, lift, said } = await machine("de");
  press("Shift", "ShiftLeft");
  press("?", "Slash");
  lift("?", "Slash");
  lift("Shift", "ShiftLeft");
  assert.equal(said(), "+ShiftLeft +Minus -Minus -ShiftLeft");
});

test("other modifiers are held for a moment, and then the person's again", async () => {
  const { press, lift, said } = await machine("de");
  press("Shift", "ShiftRight");
  press("@", "Digit2");
  lift("@", "Digit2");
  assert.equal(said(), "+ShiftRight -ShiftRight +AltRight +KeyQ -KeyQ -AltRight +ShiftRight");
  lift("Shift", "ShiftRight");
  press("/", "Slash");
  assert.equal(said(), "-ShiftRight +ShiftLeft +Digit7 -Digit7 -ShiftLeft");
});

test("a key that was struck is struck again when it repeats", async () => {
  const { press, lift, said } = await machine("de");
  press("/", "Slash");
  said();
  press("/", "Slash");
  assert.equal(said(), "+ShiftLeft +Digit7 -Digit7 -ShiftLeft");
  lift("/", "Slash");
  assert.equal(said(), "");
});

test("AltGr of the person is not the machine's", async () => {
  const { press, lift, said } = await machine("us");
  press("AltGr", "AltRight");
  press("@", "KeyQ");
  lift("@", "KeyQ");
  lift("AltGr", "AltRight");
  assert.equal(said(), "+ShiftLeft +Digit2 -Digit2 -ShiftLeft");
});

test("a right Alt that is no AltGr leads to what only the machine's layout has", async () => {
  const { press, said } = await machine("de");
  press("Alt", "AltRight");
  press("e", "KeyE");
  assert.equal(said(), "+AltRight +KeyE");
});

test("Caps Lock is in what the person's keyboard makes", async () => {
  const { press, lift, said } = await machine("fr");
  press("Caps", "CapsLock");
  lift("Caps", "CapsLock");
  press("A", "KeyA");
  assert.equal(said(), "+ShiftLeft +KeyQ -KeyQ -ShiftLeft");
});

test("a letter with a mark is composed", async () => {
  const { press, said } = await machine("de");
  press("ê", "KeyE");
  assert.equal(said(), "+Backquote -Backquote +KeyE -KeyE");
});

test("a dead key says nothing, what comes of it does", async () => {
  const { press, lift, said } = await machine("us-intl");
  press("", "BracketLeft");
  lift("", "BracketLeft");
  assert.equal(said(), "");
  press("ô", "KeyO");
  assert.equal(said(), "+ShiftLeft +Digit6 -Digit6 -ShiftLeft +KeyO -KeyO");
});

test("what the layout lacks is told, and not typed", async () => {
  const { press, lift, said } = await machine("us");
  assert.equal(press("ñ", "Semicolon"), "ñ");
  lift("ñ", "Semicolon");
  assert.equal(said(), "");
});

test("a shortcut goes by its letter", async () => {
  const { press, lift, said } = await machine("fr");
  press("Control", "ControlLeft");
  press("a", "KeyA");
  lift("a", "KeyA");
  press("Shift", "ShiftLeft");
  press("Z", "KeyZ");
  assert.equal(said(), "+ControlLeft +KeyQ -KeyQ +ShiftLeft +KeyW");
});

test("a shortcut with a sign has the modifiers that this needs", async () => {
  const { press, said } = await machine("us");
  press("Control", "ControlLeft");
  press("+", "BracketRight");
  assert.equal(said(), "+ControlLeft +ShiftLeft +Equal -Equal -ShiftLeft");
});

test("a shortcut with a letter of another script goes by position", async () => {
  const { press, said } = await machine("ru");
  press("Control", "ControlLeft");
  press("c", "KeyC");
  assert.equal(said(), "+ControlLeft +KeyC");
});

test("keys that write nothing are what they are", async () => {
  const { press, lift, said } = await machine("de");
  for (const [what, code] of [["F1", "F1"], [" ", "Space"]]) {
    press(what, code);
    lift(what, code);
  }
  assert.equal(said(), "+F1 -F1 +Space -Space");
});

test("keys that go up after all was forgotten say nothing to the machine but their own name", async () => {
  const { press, said, conversion } = await machine("de");
  press("z", "KeyZ");
  assert.ok(conversion.has("KeyZ"));
  conversion.forget();
  assert.ok(!conversion.has("KeyZ"));
  assert.equal(said(), "+KeyY");
});

test("servers without extended key events are told the key of a US keyboard", async () => {
  const { press, sent } = await machine("de", { extended: false });
  press("z", "KeyZ");
  assert.deepEqual(sent.splice(0).map(({ keysym }) => charOf(keysym)), ["y"]);
});

test("others are told what the key writes, too", async () => {
  const { press, sent } = await machine("de");
  press("z", "KeyZ");
  assert.deepEqual(sent.map(({ keysym }) => charOf(keysym)), ["z"]);
});

test("each character has one keysym", () => {
  for (const char of "aÄł€жあ漢") assert.equal(charOf(keysymOf(char)), char);
  for (const keysym of [0xff0d, 0xfe52, 0xffb1]) assert.equal(charOf(keysym), "");
});

class Desk extends EventTarget {
  name = "web-1";
  query = new Map();
  rfb = { _qemuExtKeyEventSupported: true };
  kept = {};
  preferences = { get: (name) => this.kept[name], set: (name, value) => (this.kept[name] = value) };
}

test("keys go by position until somebody says otherwise", () => {
  assert.equal(chosenLayout(new Desk()), "");
});

test("a choice is remembered for that machine", () => {
  const desk = new Desk();
  let heard = 0;
  desk.addEventListener("layout", () => heard++);
  chooseLayout(desk, "de");
  assert.equal(heard, 1);
  assert.equal(chosenLayout(desk), "de");
  const next = Object.assign(new Desk(), { kept: desk.kept });
  next.preferences = { get: (name) => desk.kept[name] };
  assert.equal(chosenLayout(next), "de");
  next.name = "web-2";
  assert.equal(chosenLayout(next), "");
});

test("a machine may be called as a property of all objects", () => {
  const desk = Object.assign(new Desk(), { name: "constructor", rfb: {} });
  desk.query.set("language", "fr");
  desk.kept.layouts = { "web-1": "de" };
  assert.equal(chosenLayout(desk), "fr");
  chooseLayout(desk, "de");
  assert.equal(chosenLayout(Object.assign(new Desk(), { name: "constructor", kept: desk.kept })), "de");
});

test("the link goes before what is remembered, and the person before the link", () => {
  const desk = new Desk();
  desk.kept.layouts = { "web-1": "de" };
  desk.query.set("keyboard", "uk");
  assert.equal(chosenLayout(desk), "gb");
  desk.query.set("keyboard", "position");
  assert.equal(chosenLayout(desk), "");
  chooseLayout(desk, "fr");
  assert.equal(chosenLayout(desk), "fr");
});

test("CloudStack's language is the keyboard where the server has no extended key events", () => {
  const desk = new Desk();
  desk.query.set("language", "es-latam");
  assert.equal(chosenLayout(desk), "");
  desk.rfb = {};
  assert.equal(chosenLayout(desk), "latam");
});

test("no more machines are remembered than a page may have", () => {
  const desk = new Desk();
  desk.kept.layouts = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`vm-${n}`, "de"]));
  chooseLayout(desk, "fr");
  assert.equal(Object.keys(desk.kept.layouts).length, 200);
  assert.equal(desk.kept.layouts["web-1"], "fr");
  assert.equal(desk.kept.layouts["vm-299"], "de");
});

test("a text is typed in the layout that keys are converted to, or in one that is named", () => {
  const desk = new Desk();
  assert.equal(layoutOf(desk), "us");
  desk.query.set("language", "fr");
  assert.equal(layoutOf(desk), "fr");
  desk.kept.layout = "es";
  assert.equal(layoutOf(desk), "es");
  chooseLayout(desk, "de");
  assert.equal(layoutOf(desk), "de");
});
