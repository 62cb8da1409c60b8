// Parts of the page that act on every screen and that nobody opens. They come behind the first
// picture; each is a module with `attend(desk)`.
import { whenPainted } from "./painted.js";

const PARTS = [
  () => import("./display/part.js"),
  () => import("./keyboard/part.js"),
  () => import("./paste/clipboard.js"),
  () => import("./session/sign.js"),
];
// Until it has come, noVNC knows a few gestures of its own.
if (navigator.maxTouchPoints) PARTS.push(() => import("./touch/touch.js"));

export function bringParts(desk) {
  let brought = false;
  desk.addEventListener("screen", () => {
    if (!desk.rfb || brought) return;
    whenPainted(desk.canvas, () => {
      if (brought) return;
      brought = true;
      for (const bring of PARTS) bring().then((part) => part.attend(desk), console.error);
    });
  });
}
