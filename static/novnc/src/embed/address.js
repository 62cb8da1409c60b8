// The address of a console as its element wants it shown. No DOM.

// Attributes that are parameters of the page. One without a value says what its presence means.
const PARAMETERS = {
  autoconnect: { name: "autoconnect" },
  compression: { name: "compression" },
  language: { name: "language" },
  "no-bar": { name: "bar", present: "no" },
  quality: { name: "quality" },
  reconnect: { name: "reconnect" },
  resize: { name: "resize" },
  "show-dot": { name: "show_dot", present: "true" },
  "view-only": { name: "view_only", present: "true" },
};

export const ATTRIBUTES = Object.keys(PARAMETERS);

// Returns the URL of a frame; null if `src` is no address on the web, such as a script.
// What the attributes say goes before what the link says: the page takes its fragment's word first.
export function address(src, base, attribute) {
  const url = parse(src, base);
  if (!url || !["http:", "https:"].includes(url.protocol)) return null;
  const parameters = url.hash ? [url.hash.slice(1)] : [];
  for (const [key, { name, present }] of Object.entries(PARAMETERS)) {
    const value = attribute(key);
    if (value === null) continue;
    parameters.push(`${name}=${present ?? encodeURIComponent(value)}`);
  }
  if (parameters.length) url.hash = parameters.join("&");
  return url;
}

function parse(src, base) {
  try {
    return new URL(src, base);
  } catch {
    return null;
  }
}
