"""Typing on the built-in guest's screen."""

from consoleproxy.guest.screen import COLUMNS, PROMPT, ROWS, TextScreen

_BACKSPACE, _RETURN, _ESCAPE, _SHIFT = 0xFF08, 0xFF0D, 0xFF1B, 0xFFE1


def _type(screen: TextScreen, text: str) -> None:
    for letter in text:
        screen.press(_RETURN if letter == "\n" else ord(letter))


def _text(screen: TextScreen) -> list[str]:
    lines = [screen.line(row) for row in range(ROWS)]
    assert {len(line) for line in lines} == {COLUMNS}
    return [line.rstrip() for line in lines]


def test_echoes_keys_on_lines() -> None:
    screen = TextScreen()
    _type(screen, "ab\nc")
    assert _text(screen)[:3] == [PROMPT + "ab", "c", ""]


def test_backspace_spares_the_prompt() -> None:
    screen = TextScreen()
    _type(screen, "ab")
    for _ in range(5):
        screen.press(_BACKSPACE)
    assert _text(screen)[0] == PROMPT


def test_full_line_goes_on_below() -> None:
    screen = TextScreen()
    _type(screen, "x" * COLUMNS)
    assert _text(screen)[1] == "x" * len(PROMPT)


def test_full_screen_scrolls() -> None:
    screen = TextScreen()
    _type(screen, "\n" * (ROWS - 1) + "last")
    assert _text(screen)[0] == PROMPT
    screen.press(_RETURN)
    assert _text(screen)[0] == ""
    assert _text(screen)[ROWS - 2 :] == ["last", ""]


def test_escape_clears() -> None:
    screen = TextScreen()
    _type(screen, "ab\ncd")
    screen.press(_ESCAPE)
    assert _text(screen) == [PROMPT] + [""] * (ROWS - 1)


def test_only_changed_rows_are_new() -> None:
    screen = TextScreen()
    assert screen.changed_since(-1) == list(range(ROWS))
    assert screen.changed_since(screen.version) == []
    _type(screen, "\n")
    seen = screen.version
    screen.press(_SHIFT)
    assert screen.changed_since(seen) == []
    _type(screen, "a")
    assert screen.changed_since(seen) == [1]
