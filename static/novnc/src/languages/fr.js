import display from "./fr/display.json";
import keys from "./fr/keys.json";
import layout from "./fr/layout.json";
import page from "./fr/page.json";
import paste from "./fr/paste.json";
import session from "./fr/session.json";
import touch from "./fr/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
