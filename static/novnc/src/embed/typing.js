// Types a text that the portal hands over, as if on a keyboard that has the machine's layout.
import { layoutOf } from "../keyboard/choice.js";
import { layoutId, loadLayout } from "../keyboard/layouts.js";
import { strokes } from "../keyboard/strokes.js";
import { type } from "../keyboard/typist.js";

export const known = (layout) => layoutId(layout) !== undefined;

// Resolves, when all is typed or that was interrupted, to { typed, missing, why }: strokes, the
// characters that the layout does not have, and what the typist says.
export async function typeText(desk, text, layout = layoutOf(desk)) {
  const { strokes: all, missing } = strokes(text, await loadLayout(layout));
  return { ...(await type(desk, all)), missing };
}
