// Parts of the page that come behind the first picture, one after the other; each is a module with
// `attend(desk)`.
import { whenPainted } from "./painted.js";

const PARTS = [() => import("./behind.js")];
// Until it has come, noVNC knows a few gestures of its own.
if (navigator.maxTouchPoints) PARTS.push(() => import("./touch/touch.js"));

// What does not come, as the network went, comes with the next screen.
export function bringParts(desk) {
  let missing = PARTS;
  desk.addEventListener("screen", () => {
    if (!desk.rfb || !missing.length) return;
    whenPainted(desk.canvas, async () => {
      const parts = missing.splice(0);
      missing = await bring(desk, parts);
    });
  });
}

async function bring(desk, parts) {
  const missing = [];
  for (const part of parts) {
    const come = await part().catch((error) => console.error(error));
    try {
      if (come) come.attend(desk);
      else missing.push(part);
    } catch (error) {
      console.error(error);
    }
  }
  return missing;
}
