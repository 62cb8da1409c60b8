"""Lines of text that keys are typed into."""

COLUMNS = 60
ROWS = 25
PROMPT = "READY>"

# X11 keysyms, as RFB's KeyEvent carries them (RFC 6143 section 7.5.4).
_BACKSPACE, _RETURN, _KEYPAD_ENTER, _ESCAPE = 0xFF08, 0xFF0D, 0xFF8D, 0xFF1B
_PRINTABLE = range(0x20, 0x7F)


class TextScreen:
    """``ROWS`` lines of ``COLUMNS`` letters; the last line that is used is typed into.

    ``version`` grows with every change, so that a viewer can be told what is new to it.
    """

    def __init__(self) -> None:
        self.version = 0
        self._lines = [PROMPT]
        self._changed = [0] * ROWS

    def line(self, row: int) -> str:
        """Return a row's text, as wide as the screen."""
        text = self._lines[row] if row < len(self._lines) else ""
        return text.ljust(COLUMNS)

    def changed_since(self, version: int) -> list[int]:
        """Return the rows that changed after the version; all of them for a negative one."""
        return [row for row, changed in enumerate(self._changed) if changed > version]

    def press(self, keysym: int) -> None:
        """Take a key; keys without a meaning here do nothing."""
        if keysym in _PRINTABLE:
            self._type(chr(keysym))
        elif keysym in (_RETURN, _KEYPAD_ENTER):
            self._new_line()
        elif keysym == _BACKSPACE:
            self._rub_out()
        elif keysym == _ESCAPE:
            self._lines = [PROMPT]
            self._touch(*range(ROWS))

    def _type(self, letter: str) -> None:
        if len(self._lines[-1]) == COLUMNS:
            self._new_line()
        self._lines[-1] += letter
        self._touch(len(self._lines) - 1)

    def _new_line(self) -> None:
        self._lines.append("")
        if len(self._lines) > ROWS:
            del self._lines[0]
            self._touch(*range(ROWS))

    def _rub_out(self) -> None:
        text = self._lines[-1]
        if text and text != PROMPT:
            self._lines[-1] = text[:-1]
            self._touch(len(self._lines) - 1)

    def _touch(self, *rows: int) -> None:
        self.version += 1
        for row in rows:
            self._changed[row] = self.version
