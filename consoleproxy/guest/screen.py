"""A screen of text: characters in, rows of dots out."""

from consoleproxy.guest.font import GLYPHS, HEIGHT, WIDTH

COLUMNS, ROWS = 53, 20
# Dots are doubled, with a margin of two on the right and six below.
CELL_WIDTH, CELL_HEIGHT = 2 * WIDTH + 2, 2 * HEIGHT + 6
SCREEN_WIDTH, SCREEN_HEIGHT = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT

_PROMPT = "READY>"


class TextScreen:
    """Lines of text with a version each, by which a viewer knows what it has seen."""

    def __init__(self) -> None:
        self._lines = [""] * ROWS
        self._lines[0] = _PROMPT
        self._row = 0
        self.versions = [1] * ROWS

    def type(self, char: str) -> None:
        """Write a character; a new line scrolls where there is no more room."""
        if char == "\n" or len(self._lines[self._row]) == COLUMNS:
            self._next_line()
        if char in GLYPHS:
            self._change(self._row, self._lines[self._row] + char)

    def erase(self) -> None:
        """Take the last character of the line away, but not the prompt."""
        line = self._lines[self._row]
        if len(line) > (len(_PROMPT) if line.startswith(_PROMPT) else 0):
            self._change(self._row, line[:-1])

    def line(self, row: int) -> str:
        """Return the text of a row."""
        return self._lines[row]

    def dots(self, row: int) -> list[bytes]:
        """Return the dot rows of a text row, one byte a dot: 1 for ink, 0 for ground."""
        empty = bytes(SCREEN_WIDTH)
        rows = []
        for dot_row in range(HEIGHT):
            dots = b"".join(_DOTS[char][dot_row] for char in self._lines[row])
            rows += [dots.ljust(SCREEN_WIDTH, b"\0")] * 2
        return [*rows, *[empty] * (CELL_HEIGHT - 2 * HEIGHT)]

    def _next_line(self) -> None:
        if self._row + 1 < ROWS:
            self._row += 1
            return
        for row, text in enumerate([*self._lines[1:], ""]):
            self._change(row, text)

    def _change(self, row: int, text: str) -> None:
        self._lines[row] = text
        self.versions[row] += 1


def _dots_of(bits: int) -> bytes:
    doubled = (bits >> shift & 1 for shift in reversed(range(WIDTH)) for _ in range(2))
    return bytes(doubled) + bytes(2)


_DOTS = {char: tuple(_dots_of(bits) for bits in rows) for char, rows in GLYPHS.items()}
