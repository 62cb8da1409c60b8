// Dead keys of the person's keyboard, where the machine is told characters and not places: noVNC
// would keep the browser from composing them, and the machine never hears which accent they are.
import { hasExtendedKeys, layoutOf } from "./choice.js";
import { isModifier } from "./modifiers.js";

export function composeDeadKeys(desk, hands) {
  const { screen } = desk;
  let isPending = false;
  // Dead keys that noVNC does not know to be down.
  const hidden = new Set();
  // The key behind a dead one: its code, what it makes alone, and whether the browser said more.
  let letter = null;

  // What is composed has to be there before the next key: what strikes it comes beforehand.
  let strike = null;
  let layout = "";
  const isNeeded = () => desk.rfb && (hands.converted || !hasExtendedKeys(desk));
  const prepare = async () => {
    const id = layoutOf(desk);
    if (!isNeeded() || (strike && id === layout)) return;
    strike = null;
    layout = id;
    const { striker } = await import("./striker.js");
    const made = await striker(desk, hands, id);
    if (id !== layout) return;
    strike = made;
    screen.dataset.composes = id;
  };
  const begin = () => prepare().catch(console.error);
  const write = async (text) => {
    if (!strike || layoutOf(desk) !== layout) await prepare();
    strike?.(text);
  };
  const forget = () => {
    isPending = false;
    letter = null;
  };

  const down = (event) => {
    const { code, key } = event;
    // Its last release may not have been told.
    hidden.delete(code);
    if (!isNeeded() || desk.rfb.viewOnly) return forget();
    if (event.repeat && letter?.code === code) return event.stopPropagation();
    if (key === "Dead") {
      begin();
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
  hands.addEventListener("converted", begin);
  begin();
}
