// What a portal's page and the viewer in its frame say to each other, by postMessage. No DOM.
//
//   viewer -> portal   ready; state; name; clipboard; answer { id, value } or { id, error }
//   portal -> viewer   hello { clipboard }; command { id, name, … }
//
// docs/viewer/embedding.md is the reference. New messages and fields may come at any time; what
// changes a meaning gets another version.
export const VERSION = 1;

export function message(type, values) {
  return { consoleproxy: VERSION, type, ...values };
}

// Returns a message of this protocol, or null for any other data.
export function read(data) {
  if (typeof data !== "object" || data === null || data.consoleproxy !== VERSION) return null;
  return typeof data.type === "string" ? data : null;
}
