import display from "./hi/display.json";
import keys from "./hi/keys.json";
import layout from "./hi/layout.json";
import page from "./hi/page.json";
import paste from "./hi/paste.json";
import session from "./hi/session.json";
import touch from "./hi/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
