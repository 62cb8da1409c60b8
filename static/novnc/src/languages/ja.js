import display from "./ja/display.json";
import keys from "./ja/keys.json";
import layout from "./ja/layout.json";
import page from "./ja/page.json";
import paste from "./ja/paste.json";
import session from "./ja/session.json";
import touch from "./ja/touch.json";

export default { ...page, ...display, ...keys, ...session, ...paste, ...touch, ...layout };
