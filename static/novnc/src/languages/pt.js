import display from "./pt/display.json";
import keys from "./pt/keys.json";
import page from "./pt/page.json";

export default { ...page, ...display, ...keys };
