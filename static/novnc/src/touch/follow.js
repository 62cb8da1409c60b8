// Where the machine writes: what changes in its picture while somebody types is where they look.

// One of these cells is about a character.
const CELL = { width: 8, height: 16 };

// A picture of the canvas that is small enough to be compared: one number for each cell.
export function glance(canvas) {
  const width = Math.ceil(canvas.width / CELL.width);
  const height = Math.ceil(canvas.height / CELL.height);
  const small = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  small.imageSmoothingQuality = "high";
  small.drawImage(canvas, 0, 0, width, height);
  return { width, height, cells: new Uint32Array(small.getImageData(0, 0, width, height).data.buffer) };
}

// Returns the last cell that differs, row by row, in pixels of the machine: { x, y, width, height }.
// Null where nothing does, or so much that somebody else is at work.
export function written(before, after) {
  const { width, cells } = after;
  if (before.width !== width || before.cells.length !== cells.length) return null;
  let [count, last] = [0, -1];
  for (let at = 0; at < cells.length; at++) {
    if (cells[at] === before.cells[at]) continue;
    count++;
    last = at;
  }
  if (count === 0 || count > cells.length / 2) return null;
  const [column, row] = [last % width, Math.floor(last / width)];
  return { x: column * CELL.width, y: row * CELL.height, ...CELL };
}

// How far to scroll so that a piece of the picture is seen: `seen` is { left, top, width, height }
// of the part that is, in the same pixels. No further than needed, and not at all if it is seen.
export function into(piece, seen) {
  const way = (from, size, start, room) => {
    const margin = Math.max(0, Math.min(2 * size, (room - size) / 2));
    if (from < start) return from - margin - start;
    if (from + size > start + room) return from + size + margin - start - room;
    return 0;
  };
  return {
    dx: way(piece.x, piece.width, seen.left, seen.width),
    dy: way(piece.y, piece.height, seen.top, seen.height),
  };
}
