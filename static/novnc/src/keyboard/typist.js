// Types strokes (see strokes.js) into the machine, at a pace that it can follow.
import { unlock } from "./capslock.js";
import { hasExtendedKeys } from "./choice.js";
import { Metronome, PACES, carefulEvents, keyEvents } from "./keystream.js";
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
// Whose keys these are, for hands.js: they do not go up with the person's.
const TYPIST = "typist";
const LOOK_AGAIN_MILLISECONDS = 10;
// A shorter text fits into the queues on the way.
const SHORT = 200;

const lines = new WeakMap();

// Resolves to { typed, why }: how many strokes have been struck, and "done", "stopped" (by the
// signal), "lost" (the screen went), "view-only", or "stalled": the machine takes no keys, and `typed`
// is what it has certainly taken. What is to be typed meanwhile waits its turn. `progress` hears
// { typed, left }: strokes, and the milliseconds that the rest takes.
export function type(desk, strokes, { pace = "normal", progress = () => {}, signal } = {}) {
  const before = lines.get(desk) ?? Promise.resolve();
  const typing = before.then(() => run(desk, strokes, pace, progress, signal));
  lines.set(desk, typing.catch(() => {}));
  return typing;
}

function run(desk, strokes, pace, progress, signal) {
  const { rfb } = desk;
  const follow = pace === "careful" || strokes.length > SHORT;
  const events = (follow ? carefulEvents : keyEvents)(strokes, hasExtendedKeys(desk));
  const held = new Map();
  let metronome;
  let pulse;
  let typed = 0;
  return new Promise((resolve) => {
    let timer = 0;
    const over = new AbortController();
    const end = (why) => {
      clearTimeout(timer);
      over.abort();
      // A machine whose screen was lost has all keys up: its VNC server sees to that.
      if (desk.rfb === rfb) {
        for (const [code, keysym] of held) rfb?.sendKey(keysym, code, false, TYPIST);
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
    const stop = () => end("stopped");
    const beat = () => {
      if (over.signal.aborted || check()) return;
      clearTimeout(timer);
      const now = performance.now();
      const found = pulse.look(now);
      if (found === "stalled") return end(found);
      if (found === "wait") {
        metronome.rest(now);
        timer = setTimeout(beat, LOOK_AGAIN_MILLISECONDS);
        return;
      }
      // Who knows how far the machine is need not be slow as well.
      if (pulse.sure === 0) metronome.use(PACES.normal);
      // In a tab that is not looked at, timers come once a second, or once a minute: a few keys go at
      // once, and the machine's answer calls for the next ones. Where there is none, those that are
      // due go, and none is left down until then, as the machine would repeat it.
      const away = globalThis.document?.hidden;
      const isHalf = () => [...held.keys()].some((code) => !(code in RELEASED));
      const early = () => away && (pulse.sure !== null || isHalf());
      let asked = false;
      for (let event; !asked && (event = metronome.take(now, early())); ) {
        const { code, keysym, down, done } = event;
        rfb.sendKey(keysym, code, down, TYPIST);
        if (down) held.set(code, keysym);
        else held.delete(code);
        typed = done;
        asked = Boolean(event.beat) && pulse.ask(typed, now);
      }
      progress({ typed, left: metronome.left(now) });
      if (asked) timer = setTimeout(beat, LOOK_AGAIN_MILLISECONDS);
      else if (metronome.at === null) end("done");
      else timer = setTimeout(beat, metronome.at - performance.now());
    };
    const until = { signal: over.signal };
    desk.addEventListener("screen", check, until);
    desk.addEventListener("leaving", stop, until);
    // The page is put to sleep: nobody knows for how long.
    globalThis.document?.addEventListener("freeze", stop, until);
    signal?.addEventListener("abort", check, until);
    if (check()) return;
    rfb.addEventListener("lights", beat, until);
    prepare(rfb);
    const now = performance.now();
    metronome = new Metronome(events, PACES[pace], now);
    pulse = new Pulse(rfb, { wanted: follow, now });
    beat();
  });
}

function prepare(rfb) {
  for (const [code, keysym] of Object.entries(RELEASED)) rfb.sendKey(keysym, code, false);
  unlock(rfb);
}
