// What the display does on every screen without being asked.
import { gaugeOf } from "../session/gauge.js";
import { begin, judge, renew } from "./automatic.js";
import { attendFullScreen } from "./fullscreen.js";

const EVERY_MILLISECONDS = 5000;

export function attend(desk) {
  attendFullScreen();
  followConnection(desk);
}

// Lets an automatic quality follow the connection, for as long as that is chosen.
function followConnection(desk) {
  const { choices } = desk;
  let state = begin(Boolean(navigator.connection?.saveData));
  let stop = null;
  const tell = (reading) => {
    state = judge(state, reading, performance.now());
    if (state.level !== choices.measured) choices.measured = state.level;
  };
  const follow = () => {
    const wanted = choices.get("quality") === "automatic" && !choices.linked;
    if (wanted === Boolean(stop)) return;
    stop?.();
    stop = wanted ? gaugeOf(desk).watch(tell, EVERY_MILLISECONDS) : null;
  };
  desk.addEventListener("screen", () => (state = renew(state)));
  choices.addEventListener("change", follow);
  if (state.saving) choices.measured = state.level;
  follow();
}
