import display from "./zh/display.json";
import keys from "./zh/keys.json";
import page from "./zh/page.json";

export default { ...page, ...display, ...keys };
