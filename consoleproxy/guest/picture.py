"""Text as pixels, in the format that a viewer asks for."""

import struct
from dataclasses import dataclass
from typing import Self

from consoleproxy.guest.font import GLYPH_COLUMNS, GLYPH_ROWS, glyph

# Every dot is two pixels wide and high; two more are between letters.
_SCALE = 2
CELL_WIDTH = (GLYPH_COLUMNS + 1) * _SCALE
CELL_HEIGHT = (GLYPH_ROWS + 1) * _SCALE

_FORMAT = struct.Struct("!BBBBHHHBBBxxx")
_INK, _PAPER = (170, 170, 170), (0, 0, 0)
_BYTE = 255


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """PIXEL_FORMAT (RFC 6143 section 7.4), true colour only; red, green and blue in this order."""

    bits: int
    depth: int
    big_endian: bool
    maxima: tuple[int, int, int]
    shifts: tuple[int, int, int]

    @classmethod
    def parse(cls, message: bytes) -> Self:
        """Read PIXEL_FORMAT's 16 bytes.

        Raises:
            ValueError: a colour map, or pixels of other than 8, 16 or 32 bits.
        """
        bits, depth, big_endian, true_colour, *numbers = _FORMAT.unpack(message)
        red_max, green_max, blue_max, red_shift, green_shift, blue_shift = numbers
        if bits not in (8, 16, 32) or not true_colour:
            raise ValueError(f"pixels of {bits} bits, true colour {true_colour}")
        return cls(
            bits,
            depth,
            bool(big_endian),
            (red_max, green_max, blue_max),
            (red_shift, green_shift, blue_shift),
        )

    def serialize(self) -> bytes:
        """Return the 16 bytes."""
        return _FORMAT.pack(self.bits, self.depth, self.big_endian, 1, *self.maxima, *self.shifts)

    def pixel(self, colour: tuple[int, int, int]) -> bytes:
        """Return a pixel of the colour, whose parts go from 0 to 255."""
        value = 0
        for part, maximum, shift in zip(colour, self.maxima, self.shifts, strict=True):
            value |= (part * maximum // _BYTE) << shift
        value &= (1 << self.bits) - 1
        return value.to_bytes(self.bits // 8, "big" if self.big_endian else "little")


NATIVE_FORMAT = PixelFormat(32, 24, False, (_BYTE, _BYTE, _BYTE), (16, 8, 0))


class Painter:
    """Paints lines of text in one pixel format."""

    def __init__(self, pixel_format: PixelFormat) -> None:
        ink, paper = (pixel_format.pixel(colour) * _SCALE for colour in (_INK, _PAPER))
        # A glyph's row is one of 32 patterns of dots: each is painted once.
        self._patterns = [
            b"".join(ink if dots >> bit & 1 else paper for bit in reversed(range(GLYPH_COLUMNS)))
            + paper
            for dots in range(1 << GLYPH_COLUMNS)
        ]

    def line(self, text: str) -> bytes:
        """Return ``CELL_HEIGHT`` rows of pixels, each ``CELL_WIDTH`` times the letters wide."""
        glyphs = [(*glyph(letter), 0) for letter in text]
        return b"".join(
            b"".join(self._patterns[dots] for dots in row) * _SCALE
            for row in zip(*glyphs, strict=True)
        )
