"""Text painted in the formats that viewers ask for."""

import struct

import pytest

from consoleproxy.guest.picture import (
    CELL_HEIGHT,
    CELL_WIDTH,
    NATIVE_FORMAT,
    Painter,
    PixelFormat,
)

_RGB565 = PixelFormat(16, 16, False, (31, 63, 31), (11, 5, 0))
_BGR233 = PixelFormat(8, 8, False, (7, 7, 3), (0, 3, 6))


@pytest.mark.parametrize("pixel_format", [NATIVE_FORMAT, _RGB565, _BGR233])
def test_format_survives_the_wire(pixel_format: PixelFormat) -> None:
    message = pixel_format.serialize()
    assert len(message) == 16
    assert PixelFormat.parse(message) == pixel_format


@pytest.mark.parametrize(
    ("pixel_format", "pixel"),
    [
        (NATIVE_FORMAT, b"\x33\x22\x11\x00"),
        (PixelFormat(32, 24, True, (255, 255, 255), (16, 8, 0)), b"\x00\x11\x22\x33"),
        (_RGB565, struct.pack("<H", 2 << 11 | 8 << 5 | 6)),
        (_BGR233, bytes([0 | 0 << 3 | 0 << 6])),
        (PixelFormat(8, 8, False, (65535, 0, 0), (255, 0, 0)), b"\x00"),
    ],
)
def test_pixel(pixel_format: PixelFormat, pixel: bytes) -> None:
    assert pixel_format.pixel((0x11, 0x22, 0x33)) == pixel


@pytest.mark.parametrize(("bits", "true_colour"), [(24, 1), (0, 1), (8, 0)])
def test_other_formats_are_refused(bits: int, true_colour: int) -> None:
    message = struct.pack("!BBBBHHHBBBxxx", bits, 8, 0, true_colour, 7, 7, 3, 0, 3, 6)
    with pytest.raises(ValueError, match="pixels of"):
        PixelFormat.parse(message)


def test_letters_become_dots() -> None:
    painted = Painter(_BGR233).line("L ")
    width = 2 * CELL_WIDTH
    assert len(painted) == width * CELL_HEIGHT
    rows = [painted[start : start + width] for start in range(0, len(painted), width)]
    dots = ["".join("#" if pixel else "." for pixel in row) for row in rows]
    assert dots == (["##" + "." * 22] * 12 + ["#" * 10 + "." * 14] * 2 + ["." * 24] * 2)
