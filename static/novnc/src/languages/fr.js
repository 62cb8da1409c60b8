import display from "./fr/display.json";
import keys from "./fr/keys.json";
import page from "./fr/page.json";

export default { ...page, ...display, ...keys };
