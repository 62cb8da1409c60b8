// What the keyboard needs on every screen.
import english from "../languages/en/keys.json";
import { capture } from "./capture.js";
import { convertKeys } from "./convert.js";
import { composeDeadKeys } from "./dead.js";
import { handsOf } from "./hands.js";
import { showWays } from "./way.js";

export function attend(desk) {
  desk.words.learn(english);
  const hands = handsOf(desk);
  showWays(desk, hands);
  convertKeys(desk, hands);
  composeDeadKeys(desk, hands);
  document.addEventListener("fullscreenchange", () => capture(desk));
  // Who was quick was there before this part of the page.
  if (document.fullscreenElement) capture(desk);
}
