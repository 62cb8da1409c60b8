"""The font has a shape for everything that can be typed."""

import string

import pytest

from consoleproxy.guest.font import GLYPH_COLUMNS, GLYPH_ROWS, glyph

_PRINTABLE = [chr(code) for code in range(0x20, 0x7F)]


def test_every_printable_letter_has_a_shape_of_its_own() -> None:
    assert len({glyph(letter) for letter in _PRINTABLE}) == len(_PRINTABLE)


@pytest.mark.parametrize("letter", _PRINTABLE)
def test_shape_fits_its_cell(letter: str) -> None:
    rows = glyph(letter)
    assert len(rows) == GLYPH_ROWS
    assert all(0 <= row < 1 << GLYPH_COLUMNS for row in rows)
    assert any(rows) == (letter not in string.whitespace)


def test_shape_reads_from_top_left() -> None:
    assert [f"{row:05b}" for row in glyph("L")] == ["10000"] * 6 + ["11111"]


def test_unknown_letter_is_a_question_mark() -> None:
    assert glyph("ü") == glyph("?")
