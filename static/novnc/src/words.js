// Texts by key in the language of the person. No DOM and no network here.

// Returns the first of the wanted languages that there is, else English. Tags are of BCP 47:
// "pt-BR" is served by "pt", and any Chinese by "zh".
export function choose(wanted, available) {
  for (const tag of wanted) {
    const language = String(tag ?? "").toLowerCase().split(/[-_]/)[0];
    if (language === "en" || available.includes(language)) return language;
  }
  return "en";
}

export function direction(language) {
  return ["ar", "fa", "he", "ur"].includes(language) ? "rtl" : "ltr";
}

export class Words {
  constructor(english) {
    this._english = { ...english };
    this.speak("en", {});
  }

  // From now on `texts` count, and English where they lack one.
  speak(language, texts) {
    this.language = language;
    this._texts = texts;
    this._rightToLeft = direction(language) === "rtl";
    this._plural = new Intl.PluralRules(language);
  }

  // The English of a part of the page that has come later.
  learn(english) {
    Object.assign(this._english, english);
  }

  has(key) {
    return Object.hasOwn(this._texts, key) || Object.hasOwn(this._english, key);
  }

  // A text with {names} in it; one with plural forms is chosen by the number `n`.
  text(key, values = {}) {
    let text = this._texts[key] ?? this._english[key];
    if (typeof text === "object") text = text[this._plural.select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => this._put(values[name]));
  }

  // An address or a name keeps its own order within words that run the other way.
  _put(value) {
    return this._rightToLeft ? `\u2068${value}\u2069` : value;
  }
}
