// The catalogues: English is in the page's script, others are fetched when a person wants them.
import english from "./languages/en.json";
import { Words, choose } from "./words.js";

const OTHERS = {
  de: () => import("./languages/de.json"),
  es: () => import("./languages/es.json"),
  fr: () => import("./languages/fr.json"),
  hi: () => import("./languages/hi.json"),
  ja: () => import("./languages/ja.json"),
  pt: () => import("./languages/pt.json"),
  zh: () => import("./languages/zh.json"),
};

export const ENGLISH = new Words(english);

// Hands the words of the wanted language over, when they have come; nothing for English, and
// nothing if they did not come: the page speaks English then.
export async function learn(asked, speak) {
  const language = choose([asked, ...navigator.languages], Object.keys(OTHERS));
  if (language === "en") return;
  try {
    const { default: texts } = await OTHERS[language]();
    speak(new Words(english, language, texts));
  } catch (error) {
    console.warn(error);
  }
}
