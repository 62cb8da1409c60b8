import assert from "node:assert/strict";
import { test } from "node:test";
import { Pulse } from "../../static/novnc/src/keyboard/pulse.js";

// A machine that takes keys when it is told to, and whose light follows Num Lock if it has one.
class Machine {
  _waiting = 0;
  taps = 0;

  constructor(light = false) {
    this._remoteNumLock = light;
  }

  sendKey(keysym, code, down) {
    assert.deepEqual([keysym, code], [0xff7f, "NumLock"]);
    if (down) this.taps++;
    if (down) this._waiting++;
  }

  takeKeys() {
    for (; this._waiting > 0; this._waiting--) this._remoteNumLock = !this._remoteNumLock;
  }
}

test("a machine that answers gets some text, and more when it has taken that", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, 1000, 0);
  assert.equal(pulse.look(0, 10), "wait");
  machine.takeKeys();
  assert.equal(pulse.look(0, 20), "go");
  for (let typed = 1; typed <= 128; typed++) {
    assert.equal(pulse.look(typed, 30), "go");
    pulse.pass(typed, 30);
  }
  assert.equal(machine.taps, 2);
  assert.equal(pulse.look(129, 40), "wait");
  machine.takeKeys();
  assert.equal(pulse.look(129, 50), "go");
  assert.equal(pulse.sure, 64);
});

test("it is told when all has arrived, and the light is as it was", () => {
  const machine = new Machine(true);
  const pulse = new Pulse(machine, 201, 0);
  machine.takeKeys();
  pulse.look(0, 10);
  assert.equal(pulse.arrived(201, 20), false);
  machine.takeKeys();
  pulse.look(201, 30);
  assert.equal(pulse.arrived(201, 30), true);
  assert.equal(pulse.sure, 201);
  pulse.close();
  machine.takeKeys();
  assert.equal(machine._remoteNumLock, true);
});

test("who stops before the answer has the light as it was, too", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, 1000, 0);
  pulse.close();
  machine.takeKeys();
  assert.equal(machine._remoteNumLock, false);
});

test("a machine that stands still is told", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, 1000, 0);
  machine.takeKeys();
  pulse.look(0, 10);
  pulse.pass(64, 100);
  assert.equal(pulse.look(128, 10_100), "go");
  assert.equal(pulse.look(128, 10_101), "stalled");
  assert.equal(pulse.sure, 0);
});

test("one that has no light is typed into all the same, and pressed Num Lock twice", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, 1000, 0);
  assert.equal(pulse.look(0, 999), "wait");
  assert.equal(pulse.look(0, 1000), "go");
  pulse.pass(500, 2000);
  assert.equal(pulse.look(900, 60_000), "go");
  assert.equal(pulse.arrived(1000, 60_000), true);
  pulse.close();
  assert.equal(machine.taps, 2);
  assert.equal(pulse.sure, null);
});

test("where the server tells no lights, and for a short text, Num Lock is left alone", () => {
  for (const [machine, strokes] of [[new Machine(null), 1000], [new Machine(), 200]]) {
    const pulse = new Pulse(machine, strokes, 0);
    assert.equal(pulse.look(0, 10), "go");
    pulse.pass(100, 20);
    assert.equal(pulse.arrived(strokes, 30), true);
    pulse.close();
    assert.equal(machine.taps, 0);
  }
});
