// What the proxy says of a session, and what that means.
import assert from "node:assert/strict";
import { test } from "node:test";
import { browserLeg, guestLeg, length, readFacts } from "../../static/novnc/src/session/facts.js";

const FACTS = {
  session: "8a1f",
  age: 12,
  browser: "TLSv1.3",
  guest: "TLSv1.2",
  checked: true,
  local: false,
  keyboard: "jp",
};
const word = (facts) => `facts ${JSON.stringify(facts)}`;

test("the proxy's word is read", () => {
  // As tests/unit/console/test_facts.py has it.
  const said =
    'facts {"session":"8a1f","age":12,"browser":"TLSv1.3",' +
    '"guest":"TLSv1.2","checked":true,"local":false,"keyboard":"jp"}';
  assert.deepEqual(readFacts(said), FACTS);
});

test("what a newer proxy adds is left out", () => {
  assert.deepEqual(readFacts(word({ ...FACTS, more: { of: "it" } })), FACTS);
});

test("what is not quite it is nothing", () => {
  for (const [name, value] of [
    ["session", 1],
    ["session", null],
    ["age", -1],
    ["age", 1.5],
    ["age", "12"],
    ["browser", "SSLv3"],
    ["browser", undefined],
    ["guest", "TLSv1.3 <b>"],
    ["guest", 0],
    ["checked", 1],
    ["local", null],
    ["keyboard", 7],
  ]) {
    assert.equal(readFacts(word({ ...FACTS, [name]: value })), null, `${name} ${value}`);
  }
  for (const text of ["", "facts", "facts ", "facts {", "facts null", "facts 1", "facts []", "echo 1"]) {
    assert.equal(readFacts(text), null, text);
  }
  assert.equal(readFacts(word({ ...FACTS, session: "x".repeat(9000) })), null);
});

test("cut anywhere it is nothing, and nothing throws", () => {
  const whole = word(FACTS);
  for (let end = 0; end < whole.length; end += 1) assert.equal(readFacts(whole.slice(0, end)), null);
});

test("the way between browser and proxy", () => {
  assert.deepEqual(browserLeg(FACTS, true), ["session.encrypted"]);
  assert.deepEqual(browserLeg({ ...FACTS, browser: "" }, true), ["session.balancer"]);
  assert.deepEqual(browserLeg(null, true), ["session.encrypted"]);
  for (const facts of [FACTS, { ...FACTS, browser: "" }, null]) {
    assert.deepEqual(browserLeg(facts, false), ["session.plain"]);
  }
});

test("the way between proxy and machine", () => {
  assert.deepEqual(guestLeg(null), ["session.unknown"]);
  assert.deepEqual(guestLeg(FACTS), ["session.tls", { tls: "TLS 1.2" }]);
  assert.deepEqual(guestLeg({ ...FACTS, checked: false }), ["session.unchecked", { tls: "TLS 1.2" }]);
  assert.deepEqual(guestLeg({ ...FACTS, guest: "" }), ["session.plain"]);
  assert.deepEqual(guestLeg({ ...FACTS, guest: "", local: true }), ["session.local"]);
});

test("a length is that of a clock", () => {
  const times = { 0: "0:00", 7999: "0:07", 61_000: "1:01", 3_600_000: "1:00:00", 36_062_000: "10:01:02" };
  for (const [time, shown] of Object.entries(times)) assert.equal(length(Number(time)), shown);
  assert.equal(length(-5), "0:00");
});
