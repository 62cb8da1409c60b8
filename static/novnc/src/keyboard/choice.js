// The layout of the machine's keyboard, as far as it is known here. Others hear that a person has
// chosen another one by the desk's event "layout".
import { keyboardOf } from "../session/facts.js";
import { layoutId } from "./layouts.js";

const NAME = "layouts";
const MOST = 200;
const chosen = new WeakMap();

// The layout that keys are converted to: its id, or "" where they are told by their position.
export function chosenLayout(desk) {
  if (chosen.has(desk)) return chosen.get(desk);
  const { query } = desk;
  if (query.has("keyboard")) return layoutId(query.get("keyboard")) ?? "";
  const remembered = desk.preferences.get(NAME) ?? {};
  // A machine may have any name, also one that all objects have a property of.
  if (Object.hasOwn(remembered, desk.name)) return layoutId(remembered[desk.name]) ?? "";
  return hasExtendedKeys(desk) ? "" : (toldLayout(desk) ?? "");
}

// The layout that a text is typed in. What the person says goes before the link, and that before the
// cloud.
export function layoutOf(desk) {
  const said = chosenLayout(desk) || layoutId(desk.preferences.get("layout"));
  return said ?? toldLayout(desk) ?? "us";
}

// For this machine, now and the next time.
export function chooseLayout(desk, id) {
  chosen.set(desk, id);
  const { [desk.name]: _, ...others } = desk.preferences.get(NAME) ?? {};
  const kept = Object.entries(others).slice(1 - MOST);
  desk.preferences.set(NAME, { ...Object.fromEntries(kept), [desk.name]: id });
  desk.dispatchEvent(new Event("layout"));
}

// QEMU's extended key events tell the place of a key, not what it makes. noVNC keeps to itself
// whether the server has them.
export function hasExtendedKeys(desk) {
  return Boolean(desk.rfb?._qemuExtKeyEventSupported);
}

// CloudStack's links say the keyboard as a language, for VMware; what the cloud has of the machine
// comes by the proxy.
function toldLayout(desk) {
  return [desk.query.get("language"), keyboardOf(desk)].map(layoutId).find(Boolean);
}
