// What the connection's gauge needs of the page around it.
export const FACTS =
  'facts {"session":"8a1f","age":12,"browser":"","guest":"","checked":false,"local":false,"keyboard":""}';

// A page with an open console, whose proxy sends each echo back after `delay`; null for never.
export class MeasuredPage extends EventTarget {
  constructor({ facts = true } = {}) {
    super();
    this.said = [];
    this.delay = 20;
    this.received = 0;
    this.rfb = {};
    this.canvas = null;
    this.screen = new EventTarget();
    this.facts = facts ? { text: FACTS, at: 100_000 } : null;
  }

  say(word) {
    this.said.push(word);
    const detail = word.split(" ")[1];
    if (this.delay !== null) {
      setTimeout(() => this.dispatchEvent(new CustomEvent("echo", { detail })), this.delay);
    }
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
