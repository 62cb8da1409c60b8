import display from "./de/display.json";
import keys from "./de/keys.json";
import layout from "./de/layout.json";
import page from "./de/page.json";
import paste from "./de/paste.json";
import session from "./de/session.json";
import touch from "./de/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
