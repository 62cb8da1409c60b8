"""A person who types on a keyboard of any layout, and what a Linux guest shows of it."""

from selenium.webdriver import Chrome

from tests import xkb
from tests.browser.keyboard import Keyboard
from tests.integration.fixtures.linux_guest import Worn
from tests.waiting import wait_for

# What is held for each level of a key.
_LEVELS = (
    (),
    (("ShiftLeft", "Shift"),),
    (("AltRight", "AltGraph"),),
    (("ShiftLeft", "Shift"), ("AltRight", "AltGraph")),
)
# The pixels of a text screen's cells in one row, as bits: 9 pixels wide, the ninth of them empty.
_CELLS = """
const canvas = document.querySelector("#screen canvas");
if (canvas.width !== 720 || canvas.height !== 400) return "";
const { data } = canvas.getContext("2d").getImageData(0, arguments[0] * 16, 720, 16);
const line = [];
for (let column = 0; column < 80; column++) {
  let cell = "";
  for (let y = 0; y < 16; y++) {
    let bits = 0;
    for (let x = column * 9; x < column * 9 + 8; x++) {
      bits = bits * 2 + (data[(y * 720 + x) * 4 + 1] > 64 ? 1 : 0);
    }
    cell += bits.toString(16).padStart(2, "0");
  }
  line.push(cell);
}
return line.join(" ");
"""
_EMPTY = "0" * 32


class Typewriter:
    """Strikes the keys of a keyboard with a layout.

    Args:
        layout: what its keys write, as ``xkb.layout`` has it.
    """

    def __init__(self, driver: Chrome, layout: dict[str, list[str]]) -> None:
        self._keyboard = Keyboard(driver)
        self._places: dict[str, tuple[str, int]] = {}
        for code, levels in layout.items():
            for level, written in enumerate(levels):
                self._places.setdefault(written, (code, level))

    def strike(self, code: str, level: int, written: str) -> None:
        """Strike a key with Shift and AltGr as its level needs them."""
        for modifier, key in _LEVELS[level]:
            self._keyboard.down(modifier, key)
        self._keyboard.tap(code, "Dead" if written.startswith(xkb.CIRCLE) else written)
        for modifier, _ in reversed(_LEVELS[level]):
            self._keyboard.up(modifier)

    def write(self, text: str) -> None:
        """Write characters that have a key."""
        for char in text:
            if char in " \n":
                self._keyboard.tap(*{" ": ("Space", " "), "\n": ("Enter", "Enter")}[char])
            else:
                self.strike(*self._places[char], char)

    def has(self, written: str) -> bool:
        """Tell whether a key of the keyboard writes that."""
        return written in self._places


def read_line(driver: Chrome, worn: Worn, number: int) -> str:
    """Return what stands in a line of the guest's screen, from 0 on, in the browser."""
    cells = [
        " " if cell == _EMPTY else worn.glyphs.get(bytes.fromhex(cell), "\ufffd")
        for cell in driver.execute_script(_CELLS, number).split(" ")
    ]
    return "".join(cells).rstrip()


def wait_for_line(driver: Chrome, worn: Worn, number: int, expected: str) -> None:
    """Wait until that line is what is expected."""
    seen = ""

    def shows() -> bool:
        nonlocal seen
        seen = read_line(driver, worn, number)
        return seen == expected

    try:
        wait_for(shows, "the guest to show what was typed")
    except AssertionError:
        assert seen == expected, f"the guest shows {seen!r}, and not {expected!r}"
        raise
