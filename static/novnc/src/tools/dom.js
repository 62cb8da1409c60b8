// Elements of the tools, and their texts in whatever language the page speaks.

const SPOKEN = { label: "aria-label", hint: "title" };

// Makes an element: attributes, "on…" listeners, and children. `text`, `label` and `hint` are keys
// of the catalogue: what it says, what it is called, and what is said of it.
export function make(tag, { text, label, hint, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else node.setAttribute(name, value);
  }
  for (const [name, key] of Object.entries({ text, label, hint })) if (key) node.dataset[name] = key;
  node.append(...children);
  return node;
}

// Says all texts in the box, now and whenever the language changes; returns what ends that.
export function speak(desk, box) {
  const say = () => {
    for (const node of box.querySelectorAll("[data-text]")) {
      node.textContent = desk.words.text(node.dataset.text);
    }
    for (const [name, attribute] of Object.entries(SPOKEN)) {
      for (const node of box.querySelectorAll(`[data-${name}]`)) {
        node.setAttribute(attribute, desk.words.text(node.dataset[name]));
      }
    }
  };
  say();
  desk.addEventListener("words", say);
  return () => desk.removeEventListener("words", say);
}
