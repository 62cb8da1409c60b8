// Parts of the page that come behind the first picture, one after the other; each is a module with
// `attend(desk)`.
import { whenPainted } from "./painted.js";

const PARTS = [() => import("./behind.js")];
// Until it has come, noVNC knows a few gestures of its own.
if (navigator.maxTouchPoints) PARTS.push(() => import("./touch/touch.js"));

export function bringParts(desk) {
  let brought = false;
  desk.addEventListener("screen", () => {
    if (!desk.rfb || brought) return;
    whenPainted(desk.canvas, () => {
      if (!brought) bring(desk);
      brought = true;
    });
  });
}

async function bring(desk) {
  for (const part of PARTS) {
    try {
      (await part()).attend(desk);
    } catch (error) {
      console.error(error);
    }
  }
}
