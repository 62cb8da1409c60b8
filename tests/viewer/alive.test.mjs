// When a connection is taken for gone that nobody has called so.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { attend } from "../../static/novnc/src/session/alive.js";
import { MeasuredPage } from "./measured_page.mjs";

class Page extends MeasuredPage {
  lost = 0;

  lose() {
    this.lost += 1;
    this.rfb = null;
    this.dispatchEvent(new Event("screen"));
  }
}

// `pass` lets seconds go by, `leap` has the computer sleep for so many, `press` is a key.
function story(name, tell, given = {}) {
  test(name, () => {
    let now = 1000;
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    for (const clock of [performance, Date]) mock.method(clock, "now", () => now);
    const around = new EventTarget();
    globalThis.document = Object.assign(new EventTarget(), { hidden: false });
    globalThis.addEventListener = around.addEventListener.bind(around);
    const pass = (seconds) => {
      for (let tick = 0; tick < seconds * 100; tick += 1) {
        now += 10;
        mock.timers.tick(10);
      }
    };
    const leap = (seconds) => (now += 1000 * seconds);
    const press = () => around.dispatchEvent(new Event("keydown"));
    const page = new Page(given);
    attend(page);
    try {
      tell(page, { pass, leap, press });
    } finally {
      mock.timers.reset();
      mock.restoreAll();
      delete globalThis.addEventListener;
    }
  });
}

story("keys that change something ask for nothing", (page, { pass, press }) => {
  for (let n = 0; n < 100; n += 1) {
    press();
    page.received += 100;
    pass(1);
  }
  assert.deepEqual([page.said, page.lost], [[], 0]);
});

story("keys that change nothing ask for an echo, and are content with it", (page, { pass, press }) => {
  for (let n = 0; n < 60; n += 1) {
    press();
    pass(0.1);
  }
  pass(60);
  assert.ok(page.said.length > 1 && page.said.length <= 13, `${page.said.length}`);
  assert.equal(page.lost, 0);
});

story("nothing for ten seconds behind a key is the end of a connection", (page, { pass, press }) => {
  page.delay = null;
  press();
  press();
  pass(9.9);
  assert.deepEqual([page.said.length, page.lost], [2, 0]);
  pass(0.2);
  assert.equal(page.lost, 1);
  press();
  pass(60);
  assert.equal(page.lost, 1, "there is nothing to lose while another one is made");
});

story("whatever comes shows that it is there", (page, { pass, press }) => {
  page.delay = null;
  press();
  press();
  pass(4);
  page.received += 1;
  pass(60);
  assert.equal(page.lost, 0);
});

story("a computer that slept looks by itself, and one that is idle does not", (page, { pass, leap }) => {
  page.delay = null;
  pass(3600);
  assert.deepEqual(page.said, []);
  leap(600);
  pass(5);
  assert.equal(page.said.length, 1);
  pass(10);
  assert.equal(page.lost, 1);
});

story("who comes back to the tab is shown what is there", (page, { pass }) => {
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(page.said, []);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(page.said.length, 1);
  pass(60);
  assert.equal(page.lost, 0);
});

story("a proxy that answers no echo is not taken for gone", (page, { pass, press }) => {
  page.delay = null;
  for (let n = 0; n < 9; n += 1) {
    press();
    pass(3);
  }
  assert.deepEqual([page.said, page.lost], [[], 0]);
}, { facts: false });
