// When a console that dropped is tried again, and when that is given up. Neither page nor socket
// is touched here: whoever opens them says what came of it.
const PAUSE_MILLISECONDS = 1000;
const GIVE_UP_MILLISECONDS = 5 * 60 * 1000;
// A console that drops again within this was not really back: it is not tried at once, nor anew.
const STEADY_MILLISECONDS = 5000;

// Close codes: those of RFC 6455 section 7.4.1 and of its registry, and the proxy's own.
const LOST = 1006;
const RESTART = 1012;
const REFUSED = 4401;
const SILENT = 4408;
const UNREACHABLE = 4502;

// Whether the same link may open the console a little later.
function notYet({ code, reason }) {
  return (
    [LOST, RESTART, SILENT].includes(code) ||
    ([REFUSED, UNREACHABLE].includes(code) && /\btry again\b/i.test(reason))
  );
}

export class Reconnection {
  // `attempt` opens the console once more; `giveUp` gets the last close when time is up.
  constructor(attempt, giveUp) {
    this._attempt = attempt;
    this._giveUp = giveUp;
    this._next = 0;
    this._deadline = 0;
    this._began = null;
    this._connected = null;
    this._stopped = false;
  }

  // The close code by which the console dropped; null if it did not.
  cause = null;

  // The console is open, for the first time or again.
  connected() {
    clearTimeout(this._deadline);
    this._connected = Date.now();
  }

  // The console, or a try to open it, was closed. Returns whether it is tried again.
  closed(close) {
    if (this._stopped || !this._isTriedAfter(close)) return false;
    const now = Date.now();
    const steady = this._connected !== null && now - this._connected >= STEADY_MILLISECONDS;
    const anew = this._began === null || steady;
    if (anew) this._began = now;
    if (anew || this._connected !== null) this.cause = close.code;
    const pause = anew && this._connected !== null ? 0 : PAUSE_MILLISECONDS;
    this._connected = null;
    clearTimeout(this._deadline);
    this._deadline = setTimeout(() => {
      this.stop();
      this._giveUp(close);
    }, this._began + GIVE_UP_MILLISECONDS - now);
    this._next = setTimeout(this._attempt, pause);
    return true;
  }

  // Nothing is tried any more.
  stop() {
    this._stopped = true;
    clearTimeout(this._next);
    clearTimeout(this._deadline);
  }

  _isTriedAfter(close) {
    if (this._connected !== null) return [LOST, RESTART].includes(close.code);
    return this._began !== null ? notYet(close) : close.code === RESTART;
  }
}
