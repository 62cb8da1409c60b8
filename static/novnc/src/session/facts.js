// What the proxy says of a session, read strictly, and what that means for a person. No DOM.
const LONGEST = 8192;
const TLS = /^(TLSv1(\.\d)?)?$/;

// The proxy's word as { session, age, browser, guest, checked, local, keyboard }; null if it is none.
// What a newer proxy says beside these is left out.
export function readFacts(text) {
  if (!text.startsWith("facts ") || text.length > LONGEST) return null;
  let said;
  try {
    said = JSON.parse(text.slice("facts ".length));
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) return null;
  const { session, age, browser, guest, checked, local, keyboard } = said;
  const good =
    [session, keyboard].every((name) => typeof name === "string") &&
    Number.isSafeInteger(age) &&
    age >= 0 &&
    [browser, guest].every((version) => typeof version === "string" && TLS.test(version)) &&
    [checked, local].every((flag) => typeof flag === "boolean");
  return good ? { session, age, browser, guest, checked, local, keyboard } : null;
}

// The machine's keyboard layout, as the cloud calls it; undefined where nobody says.
export function keyboardOf(desk) {
  return readFacts(desk.facts?.text ?? "")?.keyboard;
}

// How far the way between browser and proxy is encrypted, as a key of a text. `secure`: the page
// came by https.
export function browserLeg(facts, secure) {
  if (!secure) return ["session.plain"];
  // An older proxy does not say, and the browser knows of its own side only.
  return [facts && !facts.browser ? "session.balancer" : "session.encrypted"];
}

// The same between proxy and machine, with the text's values.
export function guestLeg(facts) {
  if (!facts) return ["session.unknown"];
  const { guest, checked, local } = facts;
  if (local) return ["session.local"];
  if (!guest) return ["session.plain"];
  const tls = guest.replace("TLSv", "TLS ");
  return [checked ? "session.tls" : "session.unchecked", { tls }];
}

// Hours, minutes and seconds, as 0:07 or 1:02:03.
export function length(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
