// Elements of the tools, and their texts in whatever language the page speaks.

// Makes an element: attributes, "on…" listeners, and children. `text` is a key of the catalogue.
export function make(tag, { text, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else node.setAttribute(name, value);
  }
  if (text) node.dataset.text = text;
  node.append(...children);
  return node;
}

// Says all texts in the box, now and whenever the language changes; returns what ends that.
export function speak(desk, box) {
  const say = () => {
    for (const node of box.querySelectorAll("[data-text]")) {
      node.textContent = desk.words.text(node.dataset.text);
    }
  };
  say();
  desk.addEventListener("words", say);
  return () => desk.removeEventListener("words", say);
}
