// Where a person says which layout the machine has.
import english from "../languages/en/layout.json";
import { chooseLayout, chosenLayout } from "../keyboard/choice.js";
import { LAYOUTS } from "../keyboard/layouts.js";
import { make } from "./dom.js";

export function choosingLayout(desk) {
  desk.words.learn(english);
  const select = make(
    "select",
    { id: "layout", hint: "layout.hint", onchange: () => chooseLayout(desk, select.value) },
    make("option", { value: "", text: "layout.position" }),
    ...LAYOUTS.map(({ id, name }) => new Option(name, id)),
  );
  select.value = chosenLayout(desk);
  return make("label", { class: "layout" }, make("span", { text: "layout.machine" }), select);
}
