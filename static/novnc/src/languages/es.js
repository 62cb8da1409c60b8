import display from "./es/display.json";
import keys from "./es/keys.json";
import layout from "./es/layout.json";
import page from "./es/page.json";
import paste from "./es/paste.json";
import session from "./es/session.json";
import touch from "./es/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
