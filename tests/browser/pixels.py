"""What the display's pixels show of a machine's screen, held against the machine's own."""

from typing import Any

from selenium.webdriver import Chrome

# The canvas in the page, where it and the room around it are, in the display's pixels, and what
# noVNC has painted on it.
_CANVAS = """
const canvas = document.querySelector("#screen > :not(.still) > canvas");
const around = canvas.parentElement;
const scaled = (...lengths) => lengths.map(length => length * devicePixelRatio);
const { left, top, width, height } = canvas.getBoundingClientRect();
const room = around.getBoundingClientRect();
const [bar, foot] = [
  around.offsetWidth - around.clientWidth,
  around.offsetHeight - around.clientHeight,
];
return {
  box: scaled(left, top, width, height),
  room: scaled(room.left, room.top, room.width - bar, room.height - foot),
  width: canvas.width,
  height: canvas.height,
  picture: canvas.toDataURL(),
};
"""
_PAINTED = """
const canvas = document.querySelector("#screen > :not(.still) > canvas");
if (!canvas?.width) return false;
const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
const pixels = new Uint32Array(data.buffer);
return pixels.some(pixel => pixel !== pixels[0]);
"""
_READ = """
const read = async (url) => {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width: bitmap.width, height: bitmap.height, pixels: new Uint32Array(data.buffer) };
};
"""
# Counts the display's pixels in the room that are not those of the machine, each of which is
# `factor` by `factor` of them. A browser may begin the picture at the next whole pixel.
_COMPARE = (
    _READ
    + """
const [shot, picture, box, room, factor, done] = arguments;
(async () => {
  const [shown, own] = [await read(shot), await read(picture)];
  const [left, top] = room.slice(0, 2).map(Math.ceil);
  const right = Math.min(shown.width, Math.floor(room[0] + room[2]));
  const bottom = Math.min(shown.height, Math.floor(room[1] + room[3]));
  const compare = (x0, y0) => {
    let [looked, wrong] = [0, 0];
    for (let y = Math.max(y0, top); y < Math.min(y0 + own.height * factor, bottom); y++) {
      for (let x = Math.max(x0, left); x < Math.min(x0 + own.width * factor, right); x++) {
        const at = Math.floor((y - y0) / factor) * own.width + Math.floor((x - x0) / factor);
        wrong += shown.pixels[y * shown.width + x] !== own.pixels[at];
        looked++;
      }
    }
    return [looked, wrong];
  };
  const near = [-1, 0, 1].flatMap(dx => [-1, 0, 1].map(dy => [dx, dy]));
  const found = near.map(([dx, dy]) => compare(Math.round(box[0]) + dx, Math.round(box[1]) + dy));
  done([...found.sort((a, b) => a[1] - b[1])[0], new Set(own.pixels).size]);
})();
"""
)
# Counts the pixels that differ, and those that are not opaque.
_SAME = (
    _READ
    + """
const [one, other, done] = arguments;
(async () => {
  const [a, b] = [await read(one), await read(other)];
  const alike = a.width === b.width && a.height === b.height;
  const wrong = alike ? a.pixels.filter((pixel, at) => pixel !== b.pixels[at]).length : -1;
  const clear = [...a.pixels].filter(pixel => pixel >>> 24 !== 255).length;
  done([a.width, a.height, wrong, clear]);
})();
"""
)


def canvas(driver: Chrome) -> dict[str, Any]:
    """Return the canvas's ``box`` in the display's pixels, its own size and its ``picture``."""
    found: dict[str, Any] = driver.execute_script(_CANVAS)
    return found


def painted(driver: Chrome) -> bool:
    """Return whether there is a picture with more than one colour."""
    return bool(driver.execute_script(_PAINTED))


def blurred(driver: Chrome, factor: int) -> tuple[int, int]:
    """Compare a screenshot with the machine's pixels, each ``factor`` by ``factor``.

    Returns how many of the display's pixels were looked at, and how many are not the machine's.
    """
    shot = "data:image/png;base64," + driver.get_screenshot_as_base64()
    shown = canvas(driver)
    page = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        given = (shot, shown["picture"], shown["box"], shown["room"], factor)
        looked, wrong, colours = driver.execute_async_script(_COMPARE, *given)
    finally:
        driver.close()
        driver.switch_to.window(page)
    assert colours > 1, "a picture of one colour is sharp whatever is done with it"
    return looked, wrong


def same_picture(driver: Chrome, one: str, other: str) -> tuple[int, int]:
    """Assert that two pictures, as data URLs, have the same opaque pixels; return their size."""
    page = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        width, height, wrong, clear = driver.execute_async_script(_SAME, one, other)
    finally:
        driver.close()
        driver.switch_to.window(page)
    assert (wrong, clear) == (0, 0)
    return width, height
