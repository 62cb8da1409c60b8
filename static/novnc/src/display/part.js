// What the display does on every screen without being asked.
import { gaugeOf } from "../session/gauge.js";
import { begin, judge, renew } from "./automatic.js";
import { attendFullScreen } from "./fullscreen.js";

const EVERY_MILLISECONDS = 5000;
// The first seconds of a console are slow by themselves.
const AFTER_MILLISECONDS = 5000;

export function attend(desk) {
  attendFullScreen();
  const state = begin(Boolean(navigator.connection?.saveData));
  if (state.saving) desk.choices.measured = state.level;
  else setTimeout(() => followConnection(desk, state), AFTER_MILLISECONDS);
}

// Lets an automatic quality follow the connection, for as long as that is chosen.
function followConnection(desk, state) {
  const { choices } = desk;
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
  follow();
}
