import display from "./zh/display.json";
import keys from "./zh/keys.json";
import layout from "./zh/layout.json";
import page from "./zh/page.json";
import paste from "./zh/paste.json";
import session from "./zh/session.json";
import touch from "./zh/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
