// What measurements of a console come to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAIR, GOOD, Meter, grade } from "../../static/novnc/src/session/meter.js";

const UNKNOWN = { roundTrip: null, latest: null, reaction: null, bandwidth: null, pictures: null, quality: null };

function echoed(...times) {
  const meter = new Meter();
  let now = 0;
  for (const time of times) {
    meter.ask(now);
    now += time;
    meter.echo(now);
  }
  return meter.read(now);
}

test("nothing is known at first, nor from one total", () => {
  const meter = new Meter();
  assert.deepEqual(meter.read(0), UNKNOWN);
  meter.feed(0, 1000, 1);
  assert.deepEqual(meter.read(0), UNKNOWN);
});

test("rates are those of the last five seconds", () => {
  const meter = new Meter();
  for (let second = 0; second <= 20; second += 1) {
    // A burst, and then a steady stream.
    const bytes = second < 10 ? second * 1e6 : 1e7 + (second - 10) * 1000;
    meter.feed(second * 1000, bytes, second * 3);
  }
  const { bandwidth, pictures } = meter.read(20_000);
  assert.equal(bandwidth, 8000);
  assert.equal(pictures, 3);
});

test("totals that are far apart still make a rate", () => {
  const meter = new Meter();
  meter.feed(0, 0);
  meter.feed(60_000, 60_000);
  assert.equal(meter.read(60_000).bandwidth, 8000);
  assert.equal(meter.read(60_000).pictures, null);
});

test("pictures count from when somebody counts them", () => {
  const meter = new Meter();
  meter.feed(0, 0);
  meter.feed(1000, 1000, 40);
  assert.deepEqual([meter.read(1000).bandwidth, meter.read(1000).pictures], [8000, null]);
  meter.feed(2000, 2000, 45);
  assert.equal(meter.read(2000).pictures, 5);
});

test("a round trip is the usual one of the last few", () => {
  assert.equal(echoed(20, 900, 22).roundTrip, 22);
  assert.equal(echoed(20, 30).roundTrip, 25);
  assert.equal(echoed(900, 900, 900, 20, 20, 20, 20, 20).roundTrip, 20);
});

test("an echo that is late counts while it is out", () => {
  const meter = new Meter();
  meter.ask(0);
  assert.equal(meter.read(FAIR).roundTrip, null);
  assert.deepEqual([meter.read(400).roundTrip, meter.read(400).quality], [400, "poor"]);
  meter.echo(20);
  meter.ask(1000);
  assert.equal(meter.read(1100).roundTrip, 20);
  assert.equal(meter.read(3000).roundTrip, 2000);
  meter.give();
  assert.deepEqual([meter.asked, meter.read(3000).roundTrip], [null, 20]);
  meter.echo(9000);
  assert.equal(meter.read(9000).roundTrip, 20, "one that was given up is nobody's");
});

test("one word for a round trip", () => {
  assert.deepEqual([0, GOOD, GOOD + 1, FAIR, FAIR + 1].map(grade), [
    "good",
    "good",
    "fair",
    "fair",
    "poor",
  ]);
  assert.equal(echoed(40).quality, "good");
});

test("a key counts where the picture was still, until it changes", () => {
  const meter = new Meter();
  const took = (key, draw) => {
    meter.key(key);
    meter.draw(draw);
    return meter.read(draw).reaction;
  };
  assert.equal(took(0, 40), 40);
  assert.equal(took(400, 500), 40, "the picture was not still");
  assert.equal(took(2000, 2060), 50);
  assert.equal(took(5000, 8000), 50, "what changed so late was not for the key");
  meter.key(10_000);
  meter.key(11_000);
  meter.draw(11_100);
  assert.equal(meter.read(11_100).reaction, 60, "the first of several keys");
  meter.key(20_000);
  meter.key(23_000);
  meter.draw(23_080);
  assert.equal(meter.read(23_080).reaction, 70, "a key without a picture is forgotten");
});

test("another connection is measured anew", () => {
  const meter = new Meter();
  meter.ask(0);
  meter.echo(10);
  meter.feed(0, 0);
  meter.feed(1000, 100);
  meter.ask(1000);
  meter.reset();
  assert.deepEqual(meter.read(2000), UNKNOWN);
  assert.equal(meter.asked, null);
});
