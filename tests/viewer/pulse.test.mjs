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

test("a machine that has taken some text gets more", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, { wanted: true, now: 0 });
  assert.equal(pulse.look(10), "wait");
  machine.takeKeys();
  assert.equal(pulse.look(20), "go");
  assert.equal(pulse.ask(4, 100), true);
  assert.equal(pulse.look(9000), "wait");
  assert.equal(pulse.sure, 0);
  machine.takeKeys();
  assert.equal(pulse.look(9100), "go");
  assert.equal(pulse.sure, 4);
});

test("the light is as it was at the end", () => {
  for (const asked of [0, 1, 2, 3]) {
    const machine = new Machine(true);
    const pulse = new Pulse(machine, { wanted: true, now: 0 });
    for (let typed = 1; typed <= asked; typed++) {
      machine.takeKeys();
      pulse.look(10);
      pulse.ask(typed, 20);
    }
    machine.takeKeys();
    pulse.look(30);
    pulse.close();
    machine.takeKeys();
    assert.equal(machine._remoteNumLock, true);
  }
});

test("who stops before the answer has the light as it was, too", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, { wanted: true, now: 0 });
  pulse.close();
  machine.takeKeys();
  assert.equal(machine._remoteNumLock, false);
});

test("a machine that stands still is told", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, { wanted: true, now: 0 });
  machine.takeKeys();
  pulse.look(10);
  pulse.ask(4, 100);
  assert.equal(pulse.look(10_100), "wait");
  assert.equal(pulse.look(10_101), "stalled");
  assert.equal(pulse.sure, 0);
});

test("one that has no light is typed into all the same, and pressed Num Lock twice", () => {
  const machine = new Machine();
  const pulse = new Pulse(machine, { wanted: true, now: 0 });
  assert.equal(pulse.look(999), "wait");
  assert.equal(pulse.look(1000), "go");
  assert.equal(pulse.ask(4, 2000), false);
  assert.equal(pulse.look(60_000), "go");
  pulse.close();
  assert.equal(machine.taps, 2);
  assert.equal(pulse.sure, null);
});

test("where the server tells no lights, or nobody wants it, Num Lock is left alone", () => {
  for (const [machine, wanted] of [[new Machine(null), true], [new Machine(), false]]) {
    const pulse = new Pulse(machine, { wanted, now: 0 });
    assert.equal(pulse.look(10), "go");
    assert.equal(pulse.ask(4, 20), false);
    pulse.close();
    assert.equal(machine.taps, 0);
  }
});
