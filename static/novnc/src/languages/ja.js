import display from "./ja/display.json";
import keys from "./ja/keys.json";
import page from "./ja/page.json";

export default { ...page, ...display, ...keys };
