// What becomes of the page: a state and an event give the next state. No DOM, no timer and no
// socket here: whoever has these tells what happened, and when, in milliseconds.
//
//   waiting       {}                       for the person, who has to say that it may begin
//   connecting    { since, opened, answered }
//   connected     { at, outage }           outage: what was before, should it drop again soon
//   reconnecting  { cause, began, since, attempts, waits, tryAt }   tryAt: of the next attempt, if any
//   ended         { end }
//
// Events: connect, opened, answered, connected, lost, closed {close}, offline, online, retry, tick,
// cancel, again.
import { closedByPerson, dropped, endOf, givenUp } from "./ending.js";

// Seconds before each further try; the last one again and again.
const PAUSES = [0, 1, 1, 2, 3, 5];
// An attempt that no proxy has answered by then is begun anew: browsers wait minutes for what they
// have sent into a network that is gone.
const ANSWER_MILLISECONDS = 20_000;
const GIVE_UP_MILLISECONDS = 5 * 60 * 1000;
// A console that drops again within this was not really back: it is not tried at once, nor anew.
const STEADY_MILLISECONDS = 5000;

// Close codes: those of RFC 6455 section 7.4.1 and of its registry, and the proxy's own.
export const LOST = 1006;
const RESTART = 1012;
const NOT_YET = [4401, 4408, 4502];

export function begin(now) {
  return { name: "connecting", since: now, opened: false, answered: false };
}

// When the state has to hear a tick; null if time alone changes nothing.
export function due(state) {
  if (state.name !== "reconnecting" || state.waits === "proxy") return null;
  return Math.min(state.tryAt ?? Infinity, state.began + GIVE_UP_MILLISECONDS);
}

// `returns`: a console that dropped is opened again without being asked.
export function step(state, event, now, returns = true) {
  if (state.name === "ended") return event.type === "again" ? begin(now) : state;
  if (event.type === "cancel") return { name: "ended", end: closedByPerson() };
  const next = STEPS[state.name][event.type]?.(state, event, now) ?? state;
  if (returns || next.name !== "reconnecting") return next;
  return event.close ? { name: "ended", end: dropped(event.close) } : state;
}

const STEPS = {
  waiting: { connect: (_, __, now) => begin(now) },
  connecting: {
    opened: (state) => ({ ...state, opened: true }),
    answered: (state) => ({ ...state, answered: true }),
    connected: (_, __, now) => ({ name: "connected", at: now, outage: null }),
    closed: (state, { close }, now) =>
      close.code === RESTART ? pause(outage(close.code, now), 1, now) : ended(close),
  },
  connected: {
    lost: (_, __, now) => ({ ...outage(RESTART, now), tryAt: null, waits: "proxy" }),
    closed: (state, { close }, now) =>
      drops(close) ? drop(state, close.code, now) : ended(close, { open: true }),
    offline: (state, _, now) => drop(state, LOST, now),
  },
  reconnecting: {
    connected: (state, _, now) => ({ name: "connected", at: now, outage: state }),
    lost: (state) => ({ ...state, tryAt: null, waits: "proxy" }),
    opened: (state) => (state.waits === "attempt" ? { ...state, tryAt: null } : state),
    closed: closedAgain,
    offline: (state, _, now) =>
      state.waits === "proxy" ? tryAt({ ...state, cause: LOST }, now) : state,
    online: (state, _, now) => (state.waits === "proxy" ? state : attempt(state, now)),
    retry: (state, _, now) => (state.waits === "pause" ? attempt(state, now) : state),
    tick: (state, _, now) => {
      if (due(state) === null || now < due(state)) return state;
      if (now >= state.began + GIVE_UP_MILLISECONDS) return { name: "ended", end: givenUp(state) };
      return attempt(state, now);
    },
  },
};

const drops = ({ code }) => code === LOST || code === RESTART;
const ended = (close, how) => ({ name: "ended", end: endOf(close, how) });

// `since` is when the page last had a picture, `began` when the tries began that have a limit.
function outage(cause, now) {
  return { name: "reconnecting", cause, began: now, since: now, attempts: 0, waits: "pause" };
}

const tryAt = (state, when) => ({ ...state, tryAt: when, waits: "pause" });
const attempt = (state, now) => ({
  ...state,
  attempts: state.attempts + 1,
  tryAt: now + ANSWER_MILLISECONDS,
  waits: "attempt",
});

function pause(state, least, now) {
  const seconds = PAUSES[Math.min(Math.max(state.attempts, least), PAUSES.length - 1)];
  return tryAt(state, now + seconds * 1000);
}

function drop({ at, outage: before }, cause, now) {
  if (!before || now - at >= STEADY_MILLISECONDS) return pause(outage(cause, now), 0, now);
  return pause({ ...before, cause, since: now }, 1, now);
}

// While the proxy looks for a screen on the same link, the console is as good as open.
function closedAgain(state, { close }, now) {
  if (state.waits === "proxy") {
    return drops(close) ? pause({ ...state, cause: close.code }, 0, now) : ended(close, { again: true });
  }
  if (drops(close) || (close.retry && NOT_YET.includes(close.code))) return pause(state, 1, now);
  // It is this console that used the link: its time has passed.
  const late = ["used", "over"].includes(close.key);
  return late ? { name: "ended", end: givenUp(state, close) } : ended(close, { again: true });
}
