// How large the machine's picture is shown. A factor is how many of the display's pixels, in each
// direction, one of the machine's gets: whole factors are sharp, and others are blurred. No DOM.

// A whole factor that leaves at most this share of the room empty is better than a blurred one.
const SPARED = 0.1;

// How many of the display's pixels to a side are about as large as a pixel elsewhere, as a whole
// number: on a display of high resolution, single ones are too small to read.
export function wholeRatio(ratio) {
  return Math.max(1, Math.floor(ratio));
}

// Of a length in pixels of CSS, the display's. Browsers lay a page out in 64ths of these, and tell of
// it in numbers that are a little off: a room of 990 pixels would have 989 whole ones.
export function pixels(length, ratio) {
  return Math.round(length * ratio * 64) / 64;
}

// `choice`: { size, enlarge, zoom }, see choices.js. `room` and `picture`: { width, height } in
// pixels of the display and of the machine. `ratio`: the display's pixels for each of CSS.
export function factor({ size, enlarge, zoom }, room, picture, ratio) {
  if (size === "off") return zoom;
  const fits = Math.min(room.width / picture.width, room.height / picture.height);
  if (!(fits >= 1)) return fits || 0;
  const whole = Math.floor(fits);
  const largest = enlarge ? Infinity : wholeRatio(ratio);
  return whole >= fits * (1 - SPARED) ? Math.min(whole, largest) : Math.min(fits, largest);
}

// The size that a machine is asked for, to fill a room, in pixels of the machine.
export function wanted({ finest }, room, ratio) {
  const each = finest ? 1 : wholeRatio(ratio);
  return { width: Math.floor(room.width / each), height: Math.floor(room.height / each) };
}
