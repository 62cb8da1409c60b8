// Dead keys of the person's keyboard, where the machine is told characters and not places: noVNC
// would keep the browser from composing them, and the machine never hears which accent they are.
import { hasExtendedKeys } from "./choice.js";
import { isModifier } from "./modifiers.js";

export function composeDeadKeys(desk, hands) {
  const { screen } = desk;
  let isPending = false;
  // Dead keys that noVNC does not know to be down.
  const hidden = new Set();
  // The key behind a dead one: its code, what it makes alone, and whether the browser said more.
  let letter = null;

  const write = async (text) => (await import("./writer.js")).write(desk, text);
  const forget = () => {
    isPending = false;
    letter = null;
  };

  const down = (event) => {
    const { code, key } = event;
    if (!desk.rfb || desk.rfb.viewOnly) return forget();
    if (!hands.converted && hasExtendedKeys(desk)) return forget();
    if (event.repeat && letter?.code === code) return event.stopPropagation();
    if (key === "Dead") {
      // Twice is what it makes alone.
      letter = isPending ? { code, key: "", said: false } : null;
      isPending = !isPending;
      hidden.add(code);
      event.stopPropagation();
    } else if (isPending && !isModifier(code)) {
      const isShortcut = event.ctrlKey || event.metaKey || key.length !== 1;
      forget();
      if (isShortcut) return;
      letter = { code, key, said: false };
      event.stopPropagation();
    }
  };
  const said = (event) => {
    if (!letter) return;
    event.preventDefault();
    letter.said = true;
    write(event.key);
  };
  const up = (event) => {
    if (hidden.has(event.code)) event.stopPropagation();
    // The page tells noVNC of releases that the browser may keep.
    if (!event.isTrusted) return;
    hidden.delete(event.code);
    if (letter?.code !== event.code) return;
    event.stopPropagation();
    if (!letter.said && letter.key) write(letter.key);
    letter = null;
  };
  for (const [type, act] of Object.entries({ keydown: down, keypress: said, keyup: up })) {
    screen.addEventListener(type, act, { capture: true });
  }
  hands.addEventListener("released", forget);
}
