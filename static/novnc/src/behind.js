// What acts on every screen and is opened by nobody: one file, as each further request may cost the
// proxy another TLS handshake.
import { attend as attendDisplay } from "./display/part.js";
import { attend as attendKeyboard } from "./keyboard/part.js";
import { attend as attendClipboard } from "./paste/clipboard.js";
import { attend as attendLife } from "./session/alive.js";
import { attend as attendConnection } from "./session/sign.js";

export function attend(desk) {
  attendDisplay(desk);
  attendKeyboard(desk);
  attendClipboard(desk);
  attendConnection(desk);
  attendLife(desk);
}
