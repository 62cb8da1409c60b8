// What the keyboard needs on every screen.
import english from "../languages/en/keys.json";
import { capture } from "./capture.js";
import { convertKeys } from "./convert.js";
import { handsOf } from "./hands.js";
import { showWays } from "./way.js";

export function attend(desk) {
  desk.words.learn(english);
  showWays(desk, handsOf(desk));
  convertKeys(desk, handsOf(desk));
  document.addEventListener("fullscreenchange", () => capture(desk));
}
