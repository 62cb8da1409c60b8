// Which quality the connection carries. Whether it is too much shows at once: what is said beside the
// stream waits behind it. Whether there would be room for more, nobody knows without trying: after a
// time in which much was sent and nothing waited, the next quality is tried, and after each failure
// that time is twice as long. No DOM, timer or socket.

export const LEVELS = ["save", "balanced", "best"];

// Milliseconds that an echo takes longer than the quickest one, if the line is full.
const QUEUE = 250;
const FULL_AFTER = 3000;
// Bits a second: with less, a line has not shown what it carries, and little is gained either.
const BUSY = 800_000;
const PATIENCE = 15_000;
const LONGEST_PATIENCE = 5 * 60_000;
// With a round trip like this, a picture that is larger is waited for even where the line is broad.
const FAR = 400;
// Measures that are further apart say nothing of the time between them.
const TOGETHER = 10_000;

// `saving`: the browser says that the person wants to use little data.
export function begin(saving) {
  const level = saving ? "save" : "balanced";
  return { level, saving, patience: PATIENCE, ...UNKNOWN };
}

const UNKNOWN = { quickest: Infinity, fullSince: null, calm: 0, at: null };

// The connection is another one: what was learnt of the last one's echoes is void.
export function renew(state) {
  return { ...state, ...UNKNOWN };
}

// `latest` echo in milliseconds, `bandwidth` in bits a second; null while they are not known.
export function judge(state, { latest, bandwidth }, now) {
  if (state.saving || latest === null) return state;
  const at = LEVELS.indexOf(state.level);
  const quickest = Math.min(state.quickest, latest);
  const seen = { ...state, quickest, at: now };
  if (latest > quickest + QUEUE) {
    const fullSince = state.fullSince ?? now;
    if (now - fullSince < FULL_AFTER || at === 0) return { ...seen, fullSince, calm: 0 };
    const patience = Math.min(2 * state.patience, LONGEST_PATIENCE);
    return { ...seen, level: LEVELS[at - 1], patience, fullSince: null, calm: 0 };
  }
  const passed = state.at === null ? 0 : Math.min(now - state.at, TOGETHER);
  const calm = state.calm + (bandwidth >= BUSY ? passed : 0);
  const higher = LEVELS[at + 1];
  if (calm < state.patience || !higher || (higher === "best" && quickest > FAR)) {
    return { ...seen, fullSince: null, calm };
  }
  return { ...seen, level: higher, fullSince: null, calm: 0 };
}
