// The machine's Caps Lock, where it would change what is typed.
const CAPS_LOCK = 0xffe5;

// noVNC knows it where the server tells, and nobody may ask. Behind a key of the person it makes it as
// theirs is.
export function unlock(rfb) {
  if (rfb._remoteCapsLock !== true) return;
  rfb._remoteCapsLock = null;
  for (const down of [true, false]) rfb.sendKey(CAPS_LOCK, "CapsLock", down);
}
