// Why a console ended, and the one thing to do about it, as keys of the catalogue.
//   { code, key, reason, advice, retry, host }
// `reason` is the proxy's sentence, for a key that the catalogue does not have; `advice` is a key.
const LOST = 1006;
const GOING_AWAY = 1001;
// What the proxy says with these is no more than what happened.
const BARE = ["idle", "operator", "refused", "replaced"];
const UNSAID = { 1000: "closed-here", 1001: "gone", 1006: "connection" };

// The proxy's reason is `key: sentence`, or `key+: sentence` where the same link is worth another
// try; that of somebody between is any text.
export function parseClose(code, text) {
  const said = /^([a-z-]+)(\+?): (.+)$/s.exec(text);
  if (!said) return { code, key: "", retry: false, reason: text };
  return { code, key: said[1], retry: said[2] === "+", reason: said[3] };
}

export function closedByPerson() {
  return { code: 1000, key: "closed-here", reason: "", advice: "advice.link", retry: false };
}

// `close` is that of parseClose, with `host`, `secure`, and `reached`: whether the proxy answered.
// `open`: the console was. `again`: it was before, and a try to open it again was closed.
export function endOf(close, { open = false, again = false } = {}) {
  const { code, key, reason, retry, reached, secure, host } = close;
  if (!reached && !again) {
    const advice = secure ? "advice.unreachable-secure" : "advice.unreachable";
    return { code, key: "unreachable", reason: "", advice, retry: true, host };
  }
  if (!key && !reason) {
    const unsaid = UNSAID[code] ?? "unexpected";
    const lost = code === LOST;
    const advice = lost ? "advice.network" : "advice.link";
    return { code, key: unsaid, reason, advice, retry: lost };
  }
  // A refusal of the proxy's says itself what to do, and somebody's between does not; the end of an
  // open console has used its link up.
  const spent = open && !retry && code !== GOING_AWAY;
  const bare = !key || BARE.includes(key);
  return { code, key, reason, advice: spent || bare ? "advice.link" : "", retry };
}

// A console that dropped, and is not opened again by itself: its link is still good.
export function dropped({ code, key, reason }) {
  const unsaid = code === LOST ? "connection" : "dropped";
  return { code, key: key || unsaid, reason: key && reason, advice: "", retry: true };
}

// A console that dropped, was tried again, and is given up: its link was good for a while only.
export function givenUp({ cause }, close) {
  const key = cause === LOST ? "connection" : "not-back";
  const code = close?.code ?? cause;
  return { code, key, reason: "", advice: "advice.link", retry: false };
}
