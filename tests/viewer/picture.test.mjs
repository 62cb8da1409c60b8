// How a file with a picture of the screen is called.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../../static/novnc/src/display/picture.js";

const AT = new Date(2026, 10, 1, 9, 5, 7);
const STAMP = "2026-11-01 09.05.07.png";

for (const [machine, name] of [
  ["web-1", `web-1 ${STAMP}`],
  ["büro 1 東京", `büro 1 東京 ${STAMP}`],
  ["../../etc/passwd", `etc passwd ${STAMP}`],
  ['a\\b:c*d?e"f<g>h|i\n', `a b c d e f g h i ${STAMP}`],
  ["...", STAMP],
  ["", STAMP],
  ["x".repeat(300), `${"x".repeat(80)} ${STAMP}`],
]) {
  test(`a picture of ${JSON.stringify(machine.slice(0, 20))}`, () => {
    assert.equal(fileName(machine, AT), name);
  });
}
