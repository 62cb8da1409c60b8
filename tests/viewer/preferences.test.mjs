// What a browser remembers of a person's choices, and what if it remembers nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Preferences } from "../../static/novnc/src/preferences.js";

const memory = (values = {}) => ({
  getItem: (name) => values[name] ?? null,
  setItem: (name, value) => (values[name] = value),
});

test("what was chosen is there for the next page", () => {
  const store = memory();
  new Preferences(() => store).set("fit", false);
  const next = new Preferences(() => store);
  assert.equal(next.get("fit"), false);
  assert.equal(next.get("quality"), undefined);
});

for (const text of ["", "no JSON", "null", "7", "[]"]) {
  test(`what this page did not write counts for nothing: ${text}`, () => {
    const preferences = new Preferences(() => memory({ consoleproxy: text }));
    assert.equal(preferences.get("fit"), undefined);
    preferences.set("fit", false);
    assert.equal(preferences.get("fit"), false);
  });
}

test("a browser that keeps nothing keeps it for this page", () => {
  const preferences = new Preferences(() => {
    throw new Error("denied");
  });
  preferences.set("fit", false);
  assert.equal(preferences.get("fit"), false);
});
