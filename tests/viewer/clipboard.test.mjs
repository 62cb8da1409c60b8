// Text for the machine's clipboard, as noVNC is handed it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, offer } from "../../static/novnc/src/paste/clipboard.js";

function offered(text, rfb = {}) {
  const desk = Object.assign(new EventTarget(), { rfb: Object.assign(new EventTarget(), rfb) });
  let got;
  desk.rfb.clipboardPasteFrom = (given) => (got = given);
  offer(desk, text);
  return got;
}

const EXTENDED = {
  _clipboardServerCapabilitiesFormats: { 1: true },
  _clipboardServerCapabilitiesActions: { [1 << 27]: true },
};

test("lines end as RFB has it", () => {
  for (const rfb of [{}, EXTENDED]) assert.equal(offered("a\r\nb\rc\nd\n\re", rfb), "a\nb\nc\nd\n\ne");
});

test("half of a pair is no text, and a pair is one", () => {
  for (const rfb of [{}, EXTENDED]) {
    assert.equal(offered("a\ud83db\udc00\ud83d\ude00", rfb), "a\ufffdb\ufffd\ud83d\ude00");
  }
});

test("letters and their accents are one where the clipboard is Latin-1", () => {
  assert.equal(offered("u\u0308"), "\u00fc");
  assert.equal(offered("u\u0308", EXTENDED), "u\u0308");
});

test("what is sent counts, line ends of two bytes and all", () => {
  assert.equal(fits("x".repeat(249_999)), true);
  assert.equal(fits("x".repeat(250_000)), false);
  for (const end of ["\n", "\r", "\r\n"]) {
    assert.equal(fits(end.repeat(124_999)), true);
    assert.equal(fits(end.repeat(125_000)), false);
  }
  assert.equal(fits("ä".repeat(124_999)), true);
  assert.equal(fits("ä".repeat(125_000)), false);
  assert.equal(fits("\ud83d".repeat(83_334)), false);
});
