// Types strokes (see strokes.js) into the machine, at a pace that it can follow.
import { hasExtendedKeys } from "./choice.js";
import { Metronome, PACES, keyEvents } from "./keystream.js";
import { Pulse } from "./pulse.js";

// What a person may hold while something is typed would make shortcuts of it.
const RELEASED = {
  ControlLeft: 0xffe3,
  ControlRight: 0xffe4,
  ShiftLeft: 0xffe1,
  ShiftRight: 0xffe2,
  AltLeft: 0xffe9,
  AltRight: 0xfe03,
  MetaLeft: 0xffeb,
  MetaRight: 0xffec,
};
const CAPS_LOCK = 0xffe5;
const LOOK_AGAIN_MILLISECONDS = 20;

const lines = new WeakMap();

// Resolves to { typed, why }: how many strokes have gone out as a whole, and "done", "stopped" (by
// the signal), "lost" (the screen went), "view-only", or "stalled": the machine takes no keys, and
// `typed` is what it has certainly taken. What is to be typed meanwhile waits its turn. `progress`
// hears { typed, left }: strokes, and the milliseconds that the rest takes.
export function type(desk, strokes, { pace = "normal", progress = () => {}, signal } = {}) {
  const before = lines.get(desk) ?? Promise.resolve();
  const events = () => keyEvents(strokes, hasExtendedKeys(desk));
  const typing = before.then(() => run(desk, events(), PACES[pace], progress, signal));
  lines.set(desk, typing.catch(() => {}));
  return typing;
}

function run(desk, events, pace, progress, signal) {
  const { rfb } = desk;
  const held = new Map();
  let metronome;
  let pulse;
  let typed = 0;
  return new Promise((resolve) => {
    let timer = 0;
    const end = (why) => {
      clearTimeout(timer);
      desk.removeEventListener("screen", check);
      signal?.removeEventListener("abort", check);
      // A machine whose screen was lost has all keys up: its VNC server sees to that.
      if (desk.rfb === rfb) {
        for (const [code, keysym] of held) rfb?.sendKey(keysym, code, false);
        pulse?.close();
      }
      resolve({ typed: why === "stalled" ? pulse.sure : typed, why });
    };
    const stopped = () => {
      if (signal?.aborted) return "stopped";
      if (!rfb || desk.rfb !== rfb) return "lost";
      return rfb.viewOnly ? "view-only" : null;
    };
    const check = () => {
      const why = stopped();
      if (why) end(why);
      return why;
    };
    const beat = () => {
      if (check()) return;
      const now = performance.now();
      const pace = pulse.look(typed, now);
      if (pace === "stalled") return end(pace);
      if (pace === "wait") {
        metronome.rest(now);
        timer = setTimeout(beat, LOOK_AGAIN_MILLISECONDS);
        return;
      }
      for (const { code, keysym, down, done } of metronome.take(now)) {
        rfb.sendKey(keysym, code, down);
        if (down) held.set(code, keysym);
        else held.delete(code);
        typed = done;
        if (held.size === 0) pulse.pass(typed, now);
      }
      progress({ typed, left: metronome.left(now) });
      if (metronome.at !== null) timer = setTimeout(beat, metronome.at - performance.now());
      else if (pulse.arrived(typed, now)) end("done");
      else timer = setTimeout(beat, LOOK_AGAIN_MILLISECONDS);
    };
    desk.addEventListener("screen", check);
    signal?.addEventListener("abort", check);
    if (check()) return;
    prepare(rfb);
    metronome = new Metronome(events, pace, performance.now());
    pulse = new Pulse(rfb, events.at(-1)?.done ?? 0, performance.now());
    beat();
  });
}

function prepare(rfb) {
  for (const [code, keysym] of Object.entries(RELEASED)) rfb.sendKey(keysym, code, false);
  // noVNC knows the machine's Caps Lock where the server tells it, and nobody may ask. Behind a key
  // of the person it makes it as theirs is.
  if (rfb._remoteCapsLock !== true) return;
  rfb._remoteCapsLock = null;
  rfb.sendKey(CAPS_LOCK, "CapsLock", true);
  rfb.sendKey(CAPS_LOCK, "CapsLock", false);
}
