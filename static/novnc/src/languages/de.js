import display from "./de/display.json";
import keys from "./de/keys.json";
import page from "./de/page.json";

export default { ...page, ...display, ...keys };
