// How large the picture is and which part of it is seen, in numbers alone: `scale` is pixels of the
// page to one of the picture, `view` the room that there is for it.

const TIMES_LARGER = 4;
// A pixel of the machine can always be made this large.
const LARGE = 2;
// A person who has come this near to where the zoom began wants to be there.
const NEARLY = 1.06;

export function fitting(view, picture) {
  return Math.min(view.width / picture.width, view.height / picture.height);
}

// `own` is the scale that noVNC shows the picture at, if nobody zooms.
export function limits(view, picture, own) {
  const fit = fitting(view, picture);
  return { least: Math.min(fit, own), most: Math.max(TIMES_LARGER * fit, LARGE * Math.max(own, 1)) };
}

export function zoomed(scale, ratio, { least, most }) {
  return Math.min(Math.max(scale * ratio, least), most);
}

// Whether a zoom that ends here goes back to what noVNC shows by itself.
export function settles(scale, own) {
  return Math.max(scale / own, own / scale) < NEARLY;
}

// How far the picture is to be scrolled so that its point `spot`, in its own pixels, is at `at`, in
// the view's; what is too far, the browser takes as far as it goes.
export function scrollTo(spot, at, scale) {
  return { left: spot.x * scale - at.x, top: spot.y * scale - at.y };
}

// One more frame of a picture that was pushed: how far it goes in `time` milliseconds, and what is
// left of its speed; null when it has come to rest.
export function glide({ vx, vy }, time) {
  const rest = Math.exp(-time / 250);
  const left = { vx: vx * rest, vy: vy * rest };
  if (Math.hypot(left.vx, left.vy) < 0.02) return null;
  return { ...left, dx: vx * time, dy: vy * time };
}

const EDGE_PIXELS = 40;
const PULL_PIXELS = 12;

// How far a picture moves in a frame while a finger drags at the edge of its box: the nearer to the
// edge, the faster. Null in the middle.
export function pull(x, y, { left, top, right, bottom }) {
  const way = (at, from, to) => {
    const near = Math.min(Math.max(from + EDGE_PIXELS - at, 0), EDGE_PIXELS);
    const far = Math.min(Math.max(at - to + EDGE_PIXELS, 0), EDGE_PIXELS);
    return ((near - far) / EDGE_PIXELS) * PULL_PIXELS;
  };
  const [dx, dy] = [way(x, left, right), way(y, top, bottom)];
  return dx || dy ? { dx, dy } : null;
}

// A text console's lines can be read where all of one is seen, as wide as that is possible, up to the
// machine's own pixels. Less than half as large again is no reason to see only a part.
export function legible(view, picture, scale) {
  const wide = Math.min(view.width / picture.width, 1);
  return wide > scale * 1.5 ? wide : scale;
}
