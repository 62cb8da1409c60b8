// What a person takes for one character each, as Intl.Segmenter finds them; but Chromium's takes a
// time for each that grows with the whole text, and minutes for a long one. So it gets a part of the
// text at a time.
const PART = 500;
const segmenter = new Intl.Segmenter();

// Yields { segment, index } for each.
export function* graphemes(text) {
  let size = PART;
  for (let from = 0; from < text.length; ) {
    // Neither half of a pair is a character.
    const to = from + size + (/[\ud800-\udbff]/.test(text.charAt(from + size - 1)) ? 1 : 0);
    const found = [...segmenter.segment(text.slice(from, to))];
    // The last one may go on behind the part, and if it is the only one, then so does the part.
    if (to < text.length) found.pop();
    size = found.length > 0 ? PART : 2 * size;
    for (const { segment } of found) {
      yield { segment, index: from };
      from += segment.length;
    }
  }
}
