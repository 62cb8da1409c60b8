// Keys that a browser or its system keeps for itself.
import english from "../languages/en/keys.json";
import { make, speak } from "./dom.js";

export const title = "tool.keys";

export function open(desk, box) {
  desk.words.learn(english);
  const send = () => {
    desk.rfb?.sendCtrlAltDel();
    desk.focus();
  };
  box.append(make("button", { type: "button", id: "cad", text: "keys.cad", onclick: send }));
  return speak(desk, box);
}
