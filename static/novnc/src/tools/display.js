// How the machine's screen is shown.
import english from "../languages/en/display.json";
import { make, speak } from "./dom.js";

export const title = "tool.display";

const SIZES = { fit: true, actual: false };

export function open(desk, box) {
  desk.words.learn(english);
  const buttons = Object.entries(SIZES).map(([size, fit]) => {
    const choose = () => {
      desk.preferences.set("fit", fit);
      if (desk.rfb) desk.rfb.scaleViewport = fit;
      press();
      desk.focus();
    };
    return make("button", { type: "button", id: size, text: `display.${size}`, onclick: choose });
  });
  const press = () => {
    const chosen = desk.preferences.get("fit") ?? true;
    for (const button of buttons) button.setAttribute("aria-pressed", SIZES[button.id] === chosen);
  };
  press();
  box.append(...buttons);
  return speak(desk, box);
}
