import assert from "node:assert/strict";
import { test } from "node:test";
import { keysymOf, usKeysym } from "../../static/novnc/src/keyboard/keysyms.js";
import { LAYOUTS, layoutId, loadLayout } from "../../static/novnc/src/keyboard/layouts.js";
import { strokes } from "../../static/novnc/src/keyboard/strokes.js";

const HELD = { ShiftLeft: "S", AltRight: "A" };

async function typed(text, id) {
  const found = strokes(text, await loadLayout(id));
  const said = ({ code, modifiers }) => [...modifiers.map((one) => HELD[one]), code].join("-");
  return [found.strokes.map(said).join(" "), found.missing];
}

test("a letter, a capital, AltGr, and both", async () => {
  assert.deepEqual(await typed("yZ@ẞ", "de"), ["KeyZ S-KeyY A-KeyQ S-A-KeyS", []]);
});

test("a stroke says the key, what it is on a US keyboard, and what it writes", async () => {
  const { strokes: found } = strokes("€", await loadLayout("de"));
  assert.deepEqual(found, [
    { code: "KeyE", keysym: 0x65, modifiers: ["AltRight"], written: "€", own: 0x20ac },
  ]);
});

test("a letter with a mark is composed where it has no key", async () => {
  assert.deepEqual(await typed("âÊñ", "de"), ["Backquote KeyA Backquote S-KeyE", ["ñ"]]);
  assert.deepEqual(await typed("ñ", "br"), ["Quote KeyN", []]);
});

test("two marks are two dead keys, and a letter's own key saves one", async () => {
  assert.deepEqual(await typed("ǘ", "de"), ["Equal BracketLeft", []]);
  assert.deepEqual(await typed("ố", "de"), ["Equal Backquote KeyO", []]);
});

test("the shortest way wins", async () => {
  assert.deepEqual(await typed("éà", "fr"), ["Digit2 Digit0", []]);
  assert.deepEqual(await typed("éà", "us-intl"), ["A-KeyE Backquote KeyA", []]);
});

test("an accent alone is its dead key and the space bar, rather than AltGr", async () => {
  assert.deepEqual(await typed("^`~", "br"), ["S-Quote Space S-BracketLeft Space Quote Space", []]);
  assert.deepEqual(await typed("'\"", "us-intl"), ["Quote Space S-Quote Space", []]);
  assert.deepEqual(await typed("´", "de"), ["Equal Equal", []]);
  assert.deepEqual(await typed("~", "de"), ["A-BracketRight", []]);
});

test("of two places, the one that most keyboards have", async () => {
  assert.deepEqual(await typed("<>|", "us"), ["S-Comma S-Period S-Backslash", []]);
  assert.deepEqual(await typed("\\~_|", "jp"), ["IntlRo S-Equal S-IntlRo S-IntlYen", []]);
});

test("lines and tabs have keys", async () => {
  assert.deepEqual(await typed("a\r\nb\n\tc\rd", "us"), [
    "KeyA Enter KeyB Enter Tab KeyC Enter KeyD",
    [],
  ]);
});

test("what a layout cannot write is listed once, as people see it", async () => {
  const [, missing] = await typed("a漢b漢👩‍👧x\u0302e\u0301", "us");
  assert.deepEqual(missing, ["漢", "👩‍👧", "x̂", "é"]);
});

test("a text may be written with its marks apart", async () => {
  assert.deepEqual(await typed("e\u0301", "fr"), ["Digit2", []]);
});

test("each layout writes letters or digits, and has a name", async () => {
  for (const { id, name } of LAYOUTS) {
    const layout = await loadLayout(id);
    assert.equal(layout.name, name);
    assert.ok(layout.keys.size >= 46, id);
    assert.deepEqual(strokes("0123456789 ", layout).missing, [], id);
  }
});

test("no key of a layout is without a keysym", async () => {
  for (const { id } of LAYOUTS) {
    for (const [code, levels] of (await loadLayout(id)).keys) {
      assert.ok(usKeysym(code, false) && usKeysym(code, true), code);
      for (const written of levels) assert.ok(!written || keysymOf(written), `${id} ${written}`);
    }
  }
});

test("keysyms are X11's: Latin-1, of the time before Unicode, and of code points", () => {
  assert.equal(keysymOf("ä"), 0xe4);
  assert.equal(keysymOf("ł"), 0x1b3);
  assert.equal(keysymOf("ж"), 0x6d6);
  assert.equal(keysymOf("ẞ"), 0x1001e9e);
  assert.equal(keysymOf("◌\u0302"), 0xfe52);
  assert.equal(usKeysym("KeyZ", true), 0x5a);
  assert.equal(usKeysym("Digit2", true), 0x40);
  assert.equal(usKeysym("F1", false), undefined);
});

test("keyboards have the names of CloudStack, of noVNC and of languages, too", () => {
  const ids = ["uk", "jp", "sc", "us", "fr", "de", "de-ch", "it", "es", "es-latam", "pt-br", "ja"];
  assert.deepEqual(ids.map(layoutId), [
    ...["gb", "jp", "us", "us", "fr", "de", "ch-de", "it", "es", "latam", "br", "jp"],
  ]);
  assert.equal(layoutId("pt_BR"), "br");
  assert.equal(layoutId("klingon"), undefined);
  assert.equal(layoutId(undefined), undefined);
});

test("a layout that there is not is an error", async () => {
  await assert.rejects(loadLayout("klingon"), /no keyboard layout klingon/);
});
