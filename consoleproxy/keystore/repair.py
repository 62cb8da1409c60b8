"""Undoes what web forms, URLs and editors do to PEM text, where the result is certain.

Certain means: one reading alone gives a whole certificate or key. Restored ``+`` signs are taken
only where no ``+`` is left: URL decoding turns all of them into spaces, other damage does not.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote_to_bytes

from consoleproxy.keystore.der import whole_length

_ARMOUR = re.compile(
    rb"(?:-|%2[Dd]){5}(?P<edge>BEGIN|END)(?P<label>(?:(?: |\+|%20)[A-Z0-9]+)+)(?:-|%2[Dd]){5}"
)
_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")
_PLUS_ESCAPE = re.compile(rb"%2[Bb]")
_LEVELS = 4
# What OpenSSL and keytool write (RFC 7468), and what MIME encoders write (RFC 2045).
_LINE_WIDTHS = (64, 76)
_LONGEST_LINE = max(_LINE_WIDTHS)
# Blanks that a line end and an indentation can have become.
_WIDEST_GAP = 10
_BOM = "\ufeff"


class Repair(Enum):
    """What was put right, as the end of a sentence that begins with what it was found in."""

    PLUS = "had spaces where + belongs: repaired; URL-encode it when you call the API"
    ESCAPES = "had %2B and the like left over from URL encoding: decoded; encode it only once"
    BACKSLASHES = r"had \n written out in place of line ends: repaired"
    LINES = "had lost its line ends: repaired"
    BOM = "began with a byte order mark: removed"
    WINDOWS = "had Windows line ends: changed"
    BLANKS = "had blanks around it: removed"


@dataclass(frozen=True, slots=True)
class Repaired:
    """Bytes, and what was done to get them."""

    data: bytes
    repairs: tuple[Repair, ...] = ()


class Unrepairable(ValueError):
    """The text is not base64 of a whole object, and no repair is certain.

    Args:
        by_url: it looks like URL encoding's doing.
    """

    def __init__(self, by_url: bool) -> None:
        super().__init__()
        self.by_url = by_url


def mend_armour(data: bytes) -> Repaired:
    """Make BEGIN and END lines plain that URL encoding has changed; bodies are left as they are."""
    decoded = data
    for _ in range(_LEVELS):
        if _ARMOUR.search(decoded) or not _ESCAPE.search(decoded):
            break
        decoded = _decoded_once(decoded)
    lines = list(_ARMOUR.finditer(decoded))
    if not lines:
        return Repaired(data)
    if any(b"+" in line["label"] for line in lines):
        # Not all that write a space as + write + as %2B, but then the two are no longer told apart.
        decoded = decoded.replace(b"+", b" ")
    plain = _ARMOUR.sub(_plain_line, decoded)
    return Repaired(plain, () if plain == data else (Repair.ESCAPES,))


def tidied(text: str) -> tuple[Repair, ...]:
    """What readers of PEM pass over anyway, for those who are to see what is stored of it.

    A final line end that is there or not is no difference.
    """
    repairs = []
    if text.startswith(_BOM):
        repairs.append(Repair.BOM)
    inner = text.removeprefix(_BOM).rstrip("\r\n")
    if "\r" in inner:
        repairs.append(Repair.WINDOWS)
    if inner != inner.strip():
        repairs.append(Repair.BLANKS)
    return tuple(repairs)


def decode_body(body: bytes, is_whole: Callable[[bytes], bool]) -> Repaired:
    """What stands between BEGIN and END, as DER.

    Args:
        is_whole: whether bytes are the object that is expected, to the last one.

    Raises:
        Unrepairable: there is no reading of it, or more than one.
    """
    text, repairs = _without_escapes(body)
    if b" " not in text and b"\t" not in text:
        der = _base64(b"".join(text.split()))
        if der is None:
            raise Unrepairable(by_url=bool(repairs))
        return Repaired(der, (*repairs, *_lost_lines(text)))

    readings: dict[bytes, tuple[Repair, ...]] = {}
    for reading in _readings(text):
        restored = reading.count(b"+") > text.count(b"+")
        if restored and b"+" in text:
            continue
        der = _base64(reading)
        if der is not None and der not in readings and _is_alone(der) and is_whole(der):
            readings[der] = (Repair.PLUS,) if restored else ()
    if len(readings) != 1:
        raise Unrepairable(by_url=True)
    ((der, restorations),) = readings.items()
    return Repaired(der, (*repairs, *restorations, *_lost_lines(text)))


def _plain_line(line: re.Match[bytes]) -> bytes:
    label = line["label"].replace(b"%20", b" ").replace(b"+", b" ")
    return b"-----" + line["edge"] + label + b"-----"


def _without_escapes(body: bytes) -> tuple[bytes, list[Repair]]:
    """The body without %xx and written out line ends.

    Raises:
        Unrepairable: a % is left.
    """
    text, repairs = body, []
    for _ in range(_LEVELS):
        if not _ESCAPE.search(text):
            break
        text = _decoded_once(text)
        repairs = [Repair.ESCAPES]
    if b"%" in text:
        raise Unrepairable(by_url=True)
    lines = text.replace(rb"\r", b"").replace(rb"\n", b"\n")
    return lines, repairs if lines == text else [*repairs, Repair.BACKSLASHES]


def _decoded_once(text: bytes) -> bytes:
    if _PLUS_ESCAPE.search(text):
        # Who writes + as %2B writes a space as +.
        text = text.replace(b"+", b" ")
    return unquote_to_bytes(text)


def _readings(text: bytes) -> Iterator[bytes]:
    """What base64 a text with blanks in it can have been."""
    lines = [line for line in re.split(rb"[\r\n]+", text) if line.strip()]
    yield b"".join(text.split())
    for kept in (lines, _without_margins(lines)):
        if _is_even(kept):
            yield b"".join(kept).replace(b" ", b"+")
    if not _is_even(lines):
        return
    # Base64 of DER begins with M, so blanks in front are none of it; behind it they can be.
    joined = b"".join(lines).lstrip()
    for line in (joined, *_in_lines(joined)):
        bare = line.rstrip()
        for end in range(len(bare), min(len(line), len(bare) + _WIDEST_GAP) + 1):
            yield line[:end].replace(b" ", b"+")


def _without_margins(lines: list[bytes]) -> list[bytes]:
    """The lines without the blanks that all of them have at their beginning, and at their end.

    What one line has more than others was a +.
    """
    left = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    right = min((len(line) - len(line.rstrip()) for line in lines), default=0)
    return [line[left : len(line) - right] for line in lines]


def _is_even(lines: list[bytes]) -> bool:
    """Whether all lines but the last have one length, as PEM's do.

    Where they do not, a blank came in or a + was lost as one, and which is which cannot be told.
    """
    return not lines or (
        len({len(line) for line in lines[:-1]} | {len(lines[0])}) == 1
        and len(lines[-1]) <= len(lines[0])
    )


def _in_lines(text: bytes) -> Iterator[bytes]:
    """The text without the blanks that stand where lines of common width would have ended."""
    for width in _LINE_WIDTHS:
        for gap in range(1, _WIDEST_GAP + 1):
            step = width + gap
            lines = [text[at : at + step] for at in range(0, len(text), step)]
            if all(line[width:] == b" " * gap for line in lines[:-1]):
                yield b"".join(line[:width] for line in lines)


def _lost_lines(text: bytes) -> tuple[Repair, ...]:
    body = text.strip()
    return () if b"\n" in body or len(body) <= _LONGEST_LINE else (Repair.LINES,)


def _base64(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _is_alone(der: bytes) -> bool:
    return whole_length(der) == len(der)
