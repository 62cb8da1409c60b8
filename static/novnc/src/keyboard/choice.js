// The layout of the machine's keyboard, as far as it is known here.
import { keyboardOf } from "../session/facts.js";
import { layoutId } from "./layouts.js";

// What the person says goes before the link, and that before the cloud.
export function layoutOf(desk) {
  const named = [desk.preferences.get("layout"), desk.query.get("language"), keyboardOf(desk)];
  return named.map(layoutId).find(Boolean) ?? "us";
}
