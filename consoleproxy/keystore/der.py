"""As much of DER (X.690) as it takes to look into stores and certificates: tags and lengths."""

from dataclasses import dataclass

SEQUENCE = 0x30
INTEGER = 0x02
EXPLICIT_0 = 0xA0
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06

_LONG_FORM = 0x80
_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Element:
    """An element, and the bytes behind it."""

    tag: int
    content: bytes
    rest: bytes


def whole_length(data: bytes) -> int | None:
    """How many bytes the element has that begins here; None if its head is none or cut off."""
    head = _head(data)
    return None if head is None else sum(head)


def element(data: bytes, tag: int) -> Element:
    """The first element.

    Raises:
        ValueError: it is another one, or cut off.
    """
    head = _head(data)
    if head is None or data[0] != tag or sum(head) > len(data):
        raise ValueError(f"no whole element with tag {tag:#x}")
    start, length = head
    return Element(tag, data[start : start + length], data[start + length :])


def _head(data: bytes) -> tuple[int, int] | None:
    """Length of tag and length, and of the content (definite form only, section 8.1.3)."""
    if len(data) < 2:
        return None
    first = data[1]
    if first < _LONG_FORM:
        return 2, first
    count = first - _LONG_FORM
    if not 0 < count <= _LENGTH_BYTES or len(data) < 2 + count:
        return None
    return 2 + count, int.from_bytes(data[2 : 2 + count])
