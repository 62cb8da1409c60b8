// What the machine has put on its clipboard, and a way to have it on the person's own.
import { make } from "../tools/dom.js";
import { board } from "./clipboard.js";

// Returns { node, close }. `tell` says a text of the catalogue beside the buttons, `heard` is called
// when there is another text.
export function received(desk, { tell, heard }) {
  const incoming = board(desk);
  const text = make("textarea", { id: "paste-received", rows: 4, readonly: true, spellcheck: "false" });
  const label = make("label", { for: "paste-received", text: "paste.received" });
  const copy = make("button", { type: "button", id: "paste-copy", text: "paste.copy" });
  const always = make("input", { type: "checkbox", id: "paste-always" });
  const wish = make("label", { class: "paste-check" }, always, make("span", { text: "paste.always" }));
  const node = make("div", { class: "paste-received" }, label, text, row(copy, wish));
  always.checked = desk.preferences.get("copy") === true;
  wish.hidden = !navigator.clipboard;

  const show = () => {
    node.hidden = incoming.text === null;
    text.value = incoming.text ?? "";
    heard();
  };
  copy.addEventListener("click", async () => tell((await toClipboard(text)) ? "paste.copied" : "paste.copy-denied"));
  always.addEventListener("change", () => desk.preferences.set("copy", always.checked));
  incoming.addEventListener("text", show);
  show();
  return { node, close: () => incoming.removeEventListener("text", show) };
}

const row = (...nodes) => make("div", { class: "paste-row" }, ...nodes);

// A page that did not come over TLS has the old way alone.
async function toClipboard(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}
