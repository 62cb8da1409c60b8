// What a person chose, remembered by the browser for all consoles at this address.
const NAME = "consoleproxy";

export class Preferences {
  // `store` is a function, as a browser that keeps nothing for a page throws at the very access.
  constructor(store = () => localStorage) {
    this._store = store;
    this._chosen = {};
    try {
      this._chosen = { ...JSON.parse(store().getItem(NAME)) };
    } catch {
      // Nothing is remembered, or nothing that this page wrote.
    }
  }

  get(name) {
    return this._chosen[name];
  }

  // Holds for this page at least.
  set(name, value) {
    this._chosen[name] = value;
    try {
      this._store().setItem(NAME, JSON.stringify(this._chosen));
    } catch {
      // The browser's storage is full or not for this page.
    }
  }
}
