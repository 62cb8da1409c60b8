import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, Line, Lines } from "../../static/novnc/src/touch/line.js";

const all = () => true;

// What the machine's line is, if each of these is the field's text, one after the other.
function machine(...values) {
  const line = new Line();
  let written = "";
  for (const value of values) {
    const { back, text } = line.become(EMPTY + value, all);
    written = [...written].slice(0, [...written].length - back).join("") + text;
  }
  return written;
}

test("what is written goes out as it is written", () => {
  const line = new Line();
  assert.deepEqual(line.become(`${EMPTY}l`, all), { back: 0, text: "l" });
  assert.deepEqual(line.become(`${EMPTY}ls`, all), { back: 0, text: "s" });
  assert.deepEqual(line.become(`${EMPTY}l`, all), { back: 1, text: "" });
  assert.equal(line.text, "l");
});

test("a word that a keyboard corrects is taken back as far as it differs", () => {
  const line = new Line();
  line.become(`${EMPTY}echo teh`, all);
  assert.deepEqual(line.become(`${EMPTY}echo the `, all), { back: 2, text: "he " });
  assert.equal(machine("t", "te", "teh", "the", "the quick", "quick", ""), "");
  assert.equal(machine("grün", "gru\u0308n", "grüne😀", "grüne"), "grüne");
});

test("a change in the middle writes the rest anew", () => {
  assert.equal(machine("cat file", "cat a file"), "cat a file");
});

test("Backspace in an empty field is one", () => {
  const line = new Line();
  assert.deepEqual(line.become(EMPTY.slice(1), all), { back: 1, text: "" });
  assert.deepEqual(line.become(EMPTY.slice(4), all), { back: 1, text: "" });
  assert.deepEqual(line.become(`${EMPTY.slice(4)}a`, all), { back: 0, text: "a" });
});

test("all of the field deleted takes back the text alone", () => {
  const line = new Line();
  line.become(`${EMPTY}abc`, all);
  assert.deepEqual(line.become("", all), { back: 3, text: "" });
  assert.equal(line.bare, true);
  assert.equal(line.fill(), EMPTY);
  assert.equal(line.bare, false);
  assert.deepEqual(line.become(EMPTY.slice(1), all), { back: 1, text: "" });
});

test("what took no place in the machine's line is not taken back there", () => {
  const line = new Line();
  line.become(`${EMPTY}a漢b`, (char) => char !== "漢");
  assert.deepEqual(line.become(`${EMPTY}a`, all), { back: 1, text: "" });
});

test("the last lines are kept, each once, and no empty ones", () => {
  const lines = new Lines();
  for (const line of ["one", " two ", "", "  ", "one"]) lines.add(line);
  assert.deepEqual(lines.all, ["one", "two"]);
  for (let n = 0; n < 50; n++) lines.add(`line ${n}`);
  assert.equal(lines.all.length, 20);
  assert.equal(lines.all[0], "line 49");
  lines.clear();
  assert.deepEqual(lines.all, []);
});
