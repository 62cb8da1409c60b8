// How the machine's screen is shown, and a picture of it for elsewhere.
import english from "../languages/en/display.json";
import { Pan } from "../display/pan.js";
import { copyPicture, mayCopy, savePicture } from "../display/picture.js";
import { matchNote, overflows, qualityNote } from "../display/shown.js";
import css from "./display.css";
import { make, speak } from "./dom.js";

export const title = "tool.display";

const style = new CSSStyleSheet();
style.replaceSync(css);

const SIZES = { fit: "scale", actual: "off", match: "remote" };
const ZOOMS = { single: 1, double: 2, triple: 3 };
const QUALITIES = { automatic: "automatic", best: "best", balanced: "balanced", save: "save" };

export function open(desk, box) {
  desk.words.learn(english);
  document.adoptedStyleSheets.push(style);
  const { choices } = desk;
  const panning = new Pan(desk, () => update());
  const refreshes = [];
  // A click is over, and keys are for the machine again; who came by keyboard goes on here.
  const done = (event) => event.detail && desk.focus();

  const button = (id, act, attributes) => {
    const onclick = (event) => (act(), done(event));
    return make("button", { type: "button", id, text: `display.${id}`, onclick, ...attributes });
  };

  // Buttons of which one is chosen.
  const pick = (name, values) =>
    Object.entries(values).map(([id, value]) => {
      const node = button(id, () => choices.set(name, value));
      refreshes.push(() => {
        const chosen = choices.get(name) === value && !(name === "quality" && choices.linked);
        node.setAttribute("aria-pressed", String(chosen));
      });
      return node;
    });

  const tick = (name, id) => {
    const onchange = (event) => choices.set(name, event.target.checked);
    const input = make("input", { type: "checkbox", id, onchange });
    refreshes.push(() => (input.checked = choices.get(name)));
    return make("label", {}, input, make("span", { text: `display.${id}` }));
  };

  const group = (id, ...nodes) => {
    const name = make("span", { id: `${id}-name`, class: "name", text: `display.${id}` });
    return make("div", { role: "group", "aria-labelledby": name.id }, name, ...nodes);
  };

  // `key` gives a text's key, or none: the note is not there then.
  const note = (key) => {
    const node = make("p", { class: "note", role: "status" });
    refreshes.push(() => {
      const [text, values] = [key()].flat();
      const said = text ? desk.words.text(`display.${text}`, values) : "";
      if (node.textContent !== said) node.textContent = said;
    });
    return node;
  };

  const only = (node, when) => {
    refreshes.push(() => (node.hidden = !when()));
    return node;
  };

  const sized = (size) => () => choices.get("size") === size;
  const move = button("move", () => panning.toggle());
  refreshes.push(() => move.setAttribute("aria-pressed", String(panning.on)));
  const copied = (ok) => desk.announce(ok ? "display.copied" : "display.not-copied");

  box.append(
    group("size", ...pick("size", SIZES)),
    only(make("div", {}, tick("enlarge", "enlarge")), sized("scale")),
    only(group("zoom", ...pick("zoom", ZOOMS), only(move, () => overflows(desk))), sized("off")),
    only(make("div", {}, tick("finest", "finest")), () => sized("remote")() && devicePixelRatio >= 2),
    note(() => matchNote(desk)),
    group("quality", ...pick("quality", QUALITIES)),
    note(() => qualityNote(desk)),
    make("div", {}, tick("viewOnly", "look"), tick("dot", "dot")),
    make(
      "div",
      {},
      button("picture", () => savePicture(desk)),
      ...(mayCopy() ? [button("copy", () => copyPicture(desk).then(copied))] : []),
    ),
  );
  const [picture, copy] = ["picture", "copy"].map((id) => box.querySelector(`#${id}`));
  refreshes.push(() => [picture, copy].forEach((node) => node && (node.disabled = !desk.rfb)));

  const unspeak = speak(desk, box);
  const update = () => {
    if (panning.on && !overflows(desk)) panning.stop();
    for (const refresh of refreshes) refresh();
  };
  const ends = new AbortController();
  const { signal } = ends;
  // noVNC's events know no signal.
  let followed = null;
  const follow = (rfb = desk.rfb) => {
    followed?.removeEventListener("resizable", update);
    rfb?.addEventListener("resizable", update);
    followed = rfb;
  };
  choices.addEventListener("change", update, { signal });
  desk.addEventListener("screen", () => (follow(), update()), { signal });
  desk.addEventListener("words", update, { signal });
  const room = new ResizeObserver(update);
  room.observe(desk.screen);
  follow();
  update();

  return () => {
    ends.abort();
    follow(null);
    room.disconnect();
    unspeak();
    panning.stop();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== style);
  };
}
