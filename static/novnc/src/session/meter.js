// What the measurements of a console come to: rates, round trip, and one word for them. No DOM, no
// timer and no socket: whoever has these tells totals and times, in milliseconds.
const WINDOW = 5000;
const ECHOES = 5;

// Round trips up to these feel like this; docs/viewer/session.md says why.
export const GOOD = 100;
export const FAIR = 250;

// A key counts where the picture was still before it, and what changed within this is its echo.
const STILL = 500;
const REACTION_LIMIT = 2000;
const REACTIONS = 5;

export class Meter {
  constructor() {
    this._totals = [];
    this._echoes = [];
    this._reactions = [];
    this._asked = null;
    this._key = null;
    this._drawn = -Infinity;
  }

  // Bytes that were received and pictures that were drawn, all in all. `pictures` is null while
  // nobody counts them.
  feed(now, bytes, pictures = null) {
    this._totals.push({ now, bytes, pictures });
    // One from before the window is kept: rates are of the time between two.
    while (this._totals.length > 2 && this._totals[1].now <= now - WINDOW) this._totals.shift();
  }

  // What was measured so far was of another connection.
  reset() {
    this._totals = [];
    this._echoes = [];
    this._asked = this._key = null;
  }

  // An echo was asked for, and has come.
  ask(now) {
    this._asked = now;
  }

  echo(now) {
    if (this._asked === null) return;
    this._echoes = [...this._echoes, now - this._asked].slice(-ECHOES);
    this._asked = null;
  }

  // It will not come any more.
  give() {
    this._asked = null;
  }

  // When the echo was asked for that has not come; null if none is out.
  get asked() {
    return this._asked;
  }

  key(now) {
    if (this._key !== null && now - this._key > REACTION_LIMIT) this._key = null;
    if (this._key === null && now - this._drawn >= STILL) this._key = now;
  }

  draw(now) {
    const took = this._key === null ? null : now - this._key;
    if (took !== null && took <= REACTION_LIMIT) {
      this._reactions = [...this._reactions, took].slice(-REACTIONS);
    }
    this._key = null;
    this._drawn = now;
  }

  // { roundTrip, latest, reaction } in milliseconds, `bandwidth` in bits and `pictures` a second, and
  // `quality`: good, fair or poor. Each is null while it is not known.
  read(now) {
    const roundTrip = this._roundTrip(now);
    // Nobody may have counted pictures at first.
    const counted = this._totals.filter(({ pictures }) => pictures !== null);
    return {
      roundTrip,
      latest: this._latest(now),
      reaction: median(this._reactions),
      bandwidth: rate(this._totals, ({ bytes }) => 8 * bytes),
      pictures: rate(counted, ({ pictures }) => pictures),
      quality: roundTrip === null ? null : grade(roundTrip),
    };
  }

  // The last one; or, if that is longer, how long the one has taken that is out.
  _latest(now) {
    const last = this._echoes.at(-1) ?? null;
    return this._asked !== null && now - this._asked > (last ?? FAIR) ? now - this._asked : last;
  }

  // The usual one of the last few; or, if that is longer, how long the one has taken that is out.
  _roundTrip(now) {
    const usual = median(this._echoes);
    const late = this._asked === null ? null : now - this._asked;
    if (late !== null && late > Math.max(usual ?? 0, FAIR)) return late;
    return usual;
  }
}

export function grade(roundTrip) {
  if (roundTrip <= GOOD) return "good";
  return roundTrip <= FAIR ? "fair" : "poor";
}

// What a total grows by in a second; null if that cannot be told.
function rate(totals, of) {
  const [first, last] = [totals[0], totals.at(-1)];
  const seconds = totals.length > 1 ? (last.now - first.now) / 1000 : 0;
  return seconds > 0 ? (of(last) - of(first)) / seconds : null;
}

function median(values) {
  if (!values.length) return null;
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
