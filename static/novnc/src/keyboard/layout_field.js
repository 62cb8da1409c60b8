// Where a person says which layout the machine has.
import { chooseLayout, chosenLayout } from "./choice.js";
import { LAYOUTS } from "./layouts.js";
import { make } from "../tools/dom.js";

export function layoutField(desk) {
  const choose = () => chooseLayout(desk, select.value);
  const select = make(
    "select",
    { id: "layout", "aria-describedby": "layout-hint", onchange: choose },
    make("option", { value: "", text: "layout.position" }),
    ...LAYOUTS.map(({ id, name }) => new Option(name, id)),
  );
  select.value = chosenLayout(desk);
  const label = make("label", { for: "layout", text: "layout.machine" });
  return make("div", { class: "layout" }, label, select, make("p", { id: "layout-hint", text: "layout.hint" }));
}
