// The catalogues: English is in the page's script, others are fetched when a person wants them.
import english from "./languages/en/page.json";
import { choose } from "./words.js";

const OTHERS = {
  de: () => import("./languages/de.js"),
  es: () => import("./languages/es.js"),
  fr: () => import("./languages/fr.js"),
  hi: () => import("./languages/hi.js"),
  ja: () => import("./languages/ja.js"),
  pt: () => import("./languages/pt.js"),
  zh: () => import("./languages/zh.js"),
};

export { english };

// Tells the texts of the wanted language, when they have come; nothing if they did not come: the
// page speaks as it did then, which is English at first.
export async function fetchTexts(asked, tell) {
  const language = choose([asked, ...navigator.languages], Object.keys(OTHERS));
  if (language === "en") return tell("en", {});
  try {
    const { default: texts } = await OTHERS[language]();
    tell(language, texts);
  } catch (error) {
    console.warn(error);
  }
}
