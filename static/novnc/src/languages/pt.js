import display from "./pt/display.json";
import keys from "./pt/keys.json";
import layout from "./pt/layout.json";
import page from "./pt/page.json";
import paste from "./pt/paste.json";
import session from "./pt/session.json";
import touch from "./pt/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
