// A connection may be gone though nobody has said so: the computer slept, a VPN ended, something on
// the way forgot it. Whoever came back to that would type into a picture that stands still, for
// minutes: an echo that does not come tells them sooner.
import { gaugeOf } from "./gauge.js";

// How often it is asked, and how long is waited for anything to come.
const ASKS = 2;
const WAIT_MILLISECONDS = 5000;
// A clock that is this far ahead of its ticks has slept.
const TICK_MILLISECONDS = 5000;
const SLEPT_MILLISECONDS = 20_000;

export function attend(desk) {
  const gauge = gaugeOf(desk);
  let received = null;
  let timer = 0;
  let ticked = Date.now();

  const stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const ask = (asks) => {
    if (!asks) return desk.lose();
    if (!gauge.ask()) return;
    timer = setTimeout(() => {
      timer = 0;
      if (desk.received === received) ask(asks - 1);
    }, WAIT_MILLISECONDS);
  };
  const check = () => {
    if (timer || !desk.rfb) return;
    received = desk.received;
    ask(ASKS);
  };
  // What came since the last time came over a connection that works.
  const act = () => {
    if (timer || !desk.rfb) return;
    if (desk.received === received) check();
    received = desk.received;
  };

  for (const type of ["echo", "screen"]) desk.addEventListener(type, stop);
  for (const type of ["keydown", "pointerdown"]) addEventListener(type, act, { capture: true, passive: true });
  document.addEventListener("visibilitychange", () => document.hidden || check());
  setInterval(() => {
    const slept = Date.now() - ticked > SLEPT_MILLISECONDS;
    ticked = Date.now();
    // The timers of a page that is not seen are late by themselves.
    if (slept && !document.hidden) check();
  }, TICK_MILLISECONDS);
}
