// Texts that the portal hands over: typed as if on a keyboard that has the machine's layout, or
// offered to the machine's clipboard.
import { layoutOf } from "../keyboard/choice.js";
import { layoutId, loadLayout } from "../keyboard/layouts.js";
import { strokes } from "../keyboard/strokes.js";
import { type } from "../keyboard/typist.js";

export { fits, offer } from "../paste/clipboard.js";

let typing = new AbortController();

export const known = (layout) => layoutId(layout) !== undefined;

// Resolves, when all is typed or that was interrupted, to { typed, missing, why }: strokes, the
// characters that the layout does not have, and what the typist says.
export async function typeText(desk, text, layout = layoutOf(desk)) {
  const { signal } = typing;
  const { strokes: all, missing } = strokes(text, await loadLayout(layout));
  return { ...(await type(desk, all, { signal })), missing };
}

// Also what waits for its turn.
export function stopTyping() {
  typing.abort();
  typing = new AbortController();
}
