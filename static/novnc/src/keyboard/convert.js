// Stands between noVNC's keyboard and the machine, if the person chose the machine's layout.
import { unlock } from "./capslock.js";
import { chosenLayout, hasExtendedKeys } from "./choice.js";
import { loadLayout } from "./layouts.js";

export function convertKeys(desk, hands) {
  let conversion = null;
  let current = "";

  const follow = async () => {
    const { rfb } = desk;
    if (rfb) intercept(rfb);
    const id = chosenLayout(desk);
    if (id === current) return;
    current = id;
    stop();
    if (!id) return;
    const [layout, { Conversion }] = await Promise.all([loadLayout(id), import("./conversion.js")]);
    if (id !== current) return;
    conversion = hands.converted = new Conversion(layout, {
      isExtended: () => hasExtendedKeys(desk),
      holds: (code) => hands.holds(code),
      isDown: (code) => hands.isDown(code),
    });
    desk.screen.dataset.layout = id;
    hands.dispatchEvent(new Event("converted"));
  };

  // What is down goes up as what it went down as.
  const stop = () => {
    hands.release();
    conversion = hands.converted = null;
    delete desk.screen.dataset.layout;
  };

  // noVNC's keyboard knows the ways of systems and browsers; what it makes of them is converted.
  const intercept = (rfb) => {
    const keyboard = rfb._keyboard;
    if (Object.hasOwn(keyboard, "converted")) return;
    keyboard.converted = true;
    const { onkeyevent } = keyboard;
    keyboard.onkeyevent = (keysym, code, down, numLock, capsLock) => {
      // That its server has extended key events is known a little later than a screen.
      if (conversion && chosenLayout(desk) !== current) begin();
      const made = conversion?.key(keysym, code, down);
      // The machine's Caps Lock need not be the person's then.
      if (!made) return onkeyevent(keysym, code, down, numLock, conversion ? null : capsLock);
      // Capitals are made with Shift: the machine's Caps Lock would undo that.
      if (made.events.length > 0) unlock(rfb);
      for (const event of made.events) rfb.sendKey(event.keysym, event.code, event.down);
      if (made.missing) desk.announce("keys.missing", { what: made.missing });
    };
  };

  hands.addEventListener("released", () => conversion?.forget());
  const begin = () => follow().catch(console.error);
  for (const type of ["screen", "layout", "facts"]) desk.addEventListener(type, begin);
  begin();
}
