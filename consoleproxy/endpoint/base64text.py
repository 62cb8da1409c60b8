"""Base64 (RFC 4648) as tokens and keys use it: both alphabets, padding that may be lost.

Strict in all else, so that no two texts stand for the same bytes.
"""

import base64
import re

_TEXT = re.compile(r"([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_TO_STANDARD = str.maketrans("-_", "+/")


def decode_base64(text: str) -> bytes:
    """Return the bytes of a text in either alphabet, with all, some or none of its padding.

    Raises:
        ValueError: not base64, a mixture of alphabets, or stray bits at the end.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError("not base64")
    body = match[1].translate(_TO_STANDARD)
    data = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    if base64.b64encode(data).rstrip(b"=") != body.encode("ascii"):
        raise ValueError("base64 with stray bits")
    return data


def encode_base64url(data: bytes) -> str:
    """Return the URL-safe form without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
