// What counts of a link, a person and what is usual.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Choices } from "../../static/novnc/src/display/choices.js";
import { Preferences } from "../../static/novnc/src/preferences.js";

function chosen(parameters = {}, remembered = {}) {
  const values = { consoleproxy: JSON.stringify(remembered) };
  const store = { getItem: (name) => values[name], setItem: (name, value) => (values[name] = value) };
  const warnings = [];
  const query = new Map(Object.entries(parameters));
  const choices = new Choices(query, new Preferences(() => store), (text) => warnings.push(text));
  return { choices, warnings, kept: () => JSON.parse(values.consoleproxy) };
}

test("the link, then what is remembered, then what is usual", () => {
  assert.equal(chosen().choices.get("size"), "scale");
  assert.equal(chosen({}, { size: "remote" }).choices.get("size"), "remote");
  assert.equal(chosen({ resize: "off" }, { size: "remote" }).choices.get("size"), "off");
  assert.equal(chosen({ scale: "no" }).choices.get("size"), "off");
  assert.equal(chosen({ resize: "remote", scale: "true" }).choices.get("size"), "remote");
});

test("what is chosen in the page goes before the link, and is remembered", () => {
  const { choices, kept } = chosen({ resize: "off" });
  let heard = 0;
  choices.addEventListener("change", () => heard++);
  choices.set("size", "remote");
  assert.equal(choices.get("size"), "remote");
  assert.deepEqual([kept(), heard], [{ size: "remote" }, 1]);
});

test("what the link chooses is not remembered", () => {
  assert.deepEqual(chosen({ resize: "off", show_dot: "1", quality: "1" }).kept(), {});
});

test("to look on only is for this page", () => {
  const { choices, kept } = chosen({}, { viewOnly: true });
  assert.equal(choices.get("viewOnly"), false);
  choices.set("viewOnly", true);
  assert.equal(choices.get("viewOnly"), true);
  assert.deepEqual(kept(), { viewOnly: true });
  assert.equal(chosen({ view_only: "true" }).choices.get("viewOnly"), true);
});

for (const [parameter, text] of [
  ["resize", "Scale"],
  ["resize", ""],
  ["resize", "constructor"],
  ["quality", "10"],
  ["quality", "-1"],
  ["quality", "6.0"],
  ["quality", "best"],
  ["compression", ""],
  ["view_only", "maybe"],
  ["view_only", ""],
  ["show_dot", "2"],
  ["show_dot", "toString"],
]) {
  test(`${parameter}=${text} is nonsense: said on the console, and ignored`, () => {
    const { choices, warnings } = chosen({ [parameter]: text });
    assert.deepEqual(
      ["size", "quality", "viewOnly", "dot"].map((name) => choices.get(name)),
      ["scale", "automatic", false, false],
    );
    assert.deepEqual([choices.levels(), warnings.length], [[6, 2], 1]);
    assert.match(warnings[0], new RegExp(parameter));
  });
}

for (const [text, value] of [["true", true], ["1", true], ["YES", true], ["False", false], ["0", false]]) {
  test(`view_only=${text}`, () => {
    const { choices, warnings } = chosen({ view_only: text, show_dot: text });
    assert.deepEqual([choices.get("viewOnly"), choices.get("dot"), warnings], [value, value, []]);
  });
}

test("what was remembered by another version counts only if it is understood", () => {
  const { choices } = chosen({}, { size: "huge", zoom: "2", enlarge: 0, quality: 7 });
  assert.deepEqual(
    ["size", "zoom", "enlarge", "quality"].map((name) => choices.get(name)),
    ["scale", 1, true, "automatic"],
  );
});

test("a quality is two levels, and the link may name either", () => {
  for (const [quality, levels] of [["automatic", [6, 2]], ["best", [9, 2]], ["balanced", [6, 2]], ["save", [2, 9]]]) {
    assert.deepEqual(chosen({}, { quality }).choices.levels(), levels);
  }
  assert.deepEqual(chosen({ quality: "1" }, { quality: "best" }).choices.levels(), [1, 2]);
  assert.deepEqual(chosen({ compression: "7" }, { quality: "best" }).choices.levels(), [6, 7]);
  const { choices } = chosen({ quality: "1", compression: "7" });
  assert.deepEqual([choices.linked, choices.levels()], [true, [1, 7]]);
  choices.set("quality", "best");
  assert.deepEqual([choices.linked, choices.levels()], [false, [9, 2]]);
});

test("an automatic quality follows what was measured, any other does not", () => {
  const { choices } = chosen();
  choices.measured = "save";
  assert.deepEqual(choices.levels(), [2, 9]);
  choices.set("quality", "best");
  assert.deepEqual(choices.levels(), [9, 2]);
});
