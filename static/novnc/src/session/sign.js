// The sign in the bar of a connection that has become slow: the button of the session's facts says
// so, until it is better again.
import english from "../languages/en/session.json";
import { gaugeOf } from "./gauge.js";

// The first seconds of a console are slow by themselves.
const AFTER_MILLISECONDS = 5000;
const EVERY_MILLISECONDS = 10_000;

export function attend(desk) {
  const button = document.querySelector("[data-tool=session]");
  desk.words.learn(english);
  const label = button.querySelector("[data-text]");
  const show = ({ quality }) => {
    const poor = quality === "poor";
    if (poor === (button.dataset.quality === "poor")) return;
    button.dataset.quality = poor ? "poor" : "";
    label.dataset.text = poor ? "session.slow" : "tool.session";
    label.textContent = desk.words.text(label.dataset.text);
  };
  setTimeout(() => gaugeOf(desk).watch(show, EVERY_MILLISECONDS), AFTER_MILLISECONDS);
}
