// Speaks with the portal whose page this one is part of: tells it what happens, and does what it
// asks for.
//
// Who may command: the window above this one, and nobody else. The proxy names in `frame-ancestors`
// of its Content-Security-Policy which sites may have the console in their pages; the browser holds
// each window above this one to that list before a script of this page has run. So this page need
// not know the list, which as a file in a cache it cannot.
import { obey } from "./commands.js";
import { message, read } from "./protocol.js";

// `page`: { happen, speak }, see viewer.js.
export function embed(desk, page) {
  const able = { ...page, tools: () => [...document.querySelectorAll("#actions [data-tool]")] };
  let portal = null;
  let told = "";

  // Told anew when it has changed, and only to the origin that has spoken.
  const tell = () => {
    if (!portal || !desk.state) return;
    const state = described(desk.state);
    const text = JSON.stringify(state);
    if (text !== told) portal.post("state", state);
    told = text;
  };
  const name = () => portal?.post("name", { name: desk.name });

  addEventListener("message", async (event) => {
    // A page without an origin of its own, as in a sandbox, cannot be told from another.
    if (event.source !== window.parent || event.origin === "null") return;
    const said = read(event.data);
    if (!said) return;
    const post = (type, values) => event.source.postMessage(message(type, values), event.origin);
    if (said.type === "hello") {
      portal = { post, clipboard: said.clipboard === true };
      told = "";
      tell();
      if (desk.name) name();
    }
    if (said.type === "command") post("answer", { id: said.id, ...(await obey(desk, said, able)) });
  });
  desk.addEventListener("state", tell);
  desk.addEventListener("words", tell);
  desk.addEventListener("name", name);
  const copied = ({ detail }) => portal?.clipboard && portal.post("clipboard", detail);
  const listen = () => desk.rfb?.addEventListener("clipboard", copied);
  desk.addEventListener("screen", listen);
  listen();
  // A portal's frame that was focused before there was a screen has its focus nowhere.
  addEventListener("focus", () => {
    if (document.activeElement === document.body) desk.focus();
  });
  // This says nothing that is not for everybody; who answers it is known.
  window.parent.postMessage(message("ready"), "*");
}

function described({ name, end }) {
  const text = (id) => document.getElementById(id).textContent;
  if (!end) return { state: name, text: text("status") };
  const sentences = [text("reason"), text("advice")].filter(Boolean).join(" ");
  const { key, code, retry } = end;
  return { state: name, text: sentences, key, code, retry };
}
