// When a console is measured, and when it is left in peace.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { gaugeOf } from "../../static/novnc/src/session/gauge.js";
import { FACTS, MeasuredPage } from "./measured_page.mjs";

// Runs a story with a clock of its own: `pass` lets seconds go by.
function story(name, tell) {
  test(name, () => {
    let now = 1000;
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => now);
    globalThis.document = { hidden: false };
    const pass = (seconds, each = () => {}) => {
      for (let tick = 0; tick < seconds * 100; tick += 1) {
        if (tick % 100 === 0) each();
        now += 10;
        mock.timers.tick(10);
      }
    };
    try {
      tell(pass);
    } finally {
      mock.timers.reset();
      mock.restoreAll();
    }
  });
}

story("in the background a console in which something happens is measured", (pass) => {
  const page = new MeasuredPage();
  const readings = [];
  gaugeOf(page).watch((reading) => readings.push(reading), 10_000);
  pass(60, () => (page.received += 1000));
  assert.equal(page.said.length, 7, "at once, and every ten seconds");
  assert.deepEqual([readings.at(-1).roundTrip, readings.at(-1).quality], [20, "good"]);
  assert.equal(Math.round(readings.at(-1).bandwidth), 8000);
});

story("one in which nothing happens is left in peace, unless somebody looks", (pass) => {
  const page = new MeasuredPage();
  const gauge = gaugeOf(page);
  gauge.watch(() => {}, 10_000);
  pass(600);
  assert.equal(page.said.length, 1);
  const stop = gauge.watch(() => {}, 1000, { pictures: true });
  pass(10);
  assert.equal(page.said.length, 12);
  stop();
  pass(600);
  assert.ok(page.said.length <= 13);
});

story("a slow one is looked at until it is better", (pass) => {
  const page = new MeasuredPage();
  let last = null;
  gaugeOf(page).watch((reading) => (last = reading), 10_000);
  page.received = 1;
  page.delay = 400;
  pass(40);
  assert.equal(last.quality, "poor");
  assert.ok(page.said.length >= 8, "every two seconds");
  page.delay = 30;
  pass(20);
  assert.equal(last.quality, "good");
  const { length } = page.said;
  pass(600);
  assert.ok(page.said.length <= length + 1);
});

story("one echo is out at a time, and a lost one is given up", (pass) => {
  const page = new MeasuredPage();
  page.delay = null;
  let last = null;
  gaugeOf(page).watch((reading) => (last = reading), 1000, { pictures: true });
  pass(14);
  assert.equal(page.said.length, 1);
  assert.deepEqual([last.quality, last.roundTrip >= 12_000], ["poor", true]);
  pass(4);
  assert.equal(page.said.length, 2);
  page.dispatchEvent(new CustomEvent("echo", { detail: "1" }));
  assert.notEqual(last.quality, "good", "that was the one before");
});

story("nothing is asked of an older proxy, nor while there is no screen or nobody sees the page", (pass) => {
  const older = new MeasuredPage({ facts: false });
  const lost = new MeasuredPage();
  const hidden = new MeasuredPage();
  lost.rfb = null;
  for (const page of [older, lost]) {
    gaugeOf(page).watch(() => {}, 1000, { pictures: true });
    pass(5);
    assert.deepEqual(page.said, []);
  }
  document.hidden = true;
  gaugeOf(hidden).watch(() => {}, 1000, { pictures: true });
  pass(5);
  assert.deepEqual(hidden.said, []);
  document.hidden = false;
  pass(5);
  assert.equal(hidden.said.length, 5);
});

story("another connection is measured anew, and the session goes on", (pass) => {
  const page = new MeasuredPage();
  const gauge = gaugeOf(page);
  let last = null;
  gauge.watch((reading) => (last = reading), 1000, { pictures: true });
  pass(5);
  assert.deepEqual([last.roundTrip, gauge.began], [20, 88_000]);
  page.facts = null;
  page.tell("facts");
  const { length } = page.said;
  pass(5);
  assert.deepEqual([page.said.length, last.roundTrip], [length, null]);
  page.facts = { text: FACTS.replace('"age":12', '"age":0'), at: 200_000 };
  page.delay = 50;
  page.tell("facts");
  pass(5);
  assert.deepEqual([last.roundTrip, gauge.began], [50, 88_000]);
  page.facts = { text: FACTS.replace("8a1f", "other"), at: 300_000 };
  page.tell("facts");
  assert.equal(gauge.began, 288_000);
});

story("who has stopped is told nothing more", (pass) => {
  const page = new MeasuredPage();
  let told = 0;
  const stop = gaugeOf(page).watch(() => (told += 1), 1000, { pictures: true });
  pass(3);
  stop();
  const before = [told, page.said.length];
  pass(30);
  assert.deepEqual([told, page.said.length], before);
});
