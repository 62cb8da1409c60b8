"""PEM armour (RFC 7468): the blocks of a file, and what a file without any is instead."""

import re
from dataclasses import dataclass, field
from shlex import quote

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.contents import check_size, is_certificate
from consoleproxy.keystore.repair import mend_armour

_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_LABEL = re.compile(rb"[A-Z0-9 ]{1,40}")

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DER_SEQUENCE = b"\x30"


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its label, e.g. ``CERTIFICATE``, what stands inside, and the file's name."""

    label: str
    body: bytes = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a text, in order, and what was repaired to find them."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()


def read_blocks(source: str, data: bytes) -> Blocks:
    """All PEM blocks of a file, in order; text around them is skipped.

    Args:
        source: the file's name, for messages.

    Raises:
        KeystoreInvalid: there is no block, or one is cut off.
    """
    check_size(source, data)
    mended = mend_armour(data)
    text = mended.data
    blocks = []
    start = text.find(_BEGIN)
    while start >= 0:
        block, end = _block_at(source, text, start)
        blocks.append(block)
        start = text.find(_BEGIN, end)
    if not blocks:
        raise KeystoreInvalid(f"{source} {_instead_of_pem(source, data)}")
    return Blocks(
        tuple(blocks), tuple(f"the text in {source} {one.value}" for one in mended.repairs)
    )


def _block_at(source: str, data: bytes, start: int) -> tuple[Block, int]:
    """The block that begins at ``start``, and the position behind it."""
    label_start = start + len(_BEGIN)
    label = _LABEL.match(data, label_start)
    if label is None or not data.startswith(_DASHES, label.end()):
        raise KeystoreInvalid(
            f"{source} has a damaged BEGIN line: copy the file again, with all five dashes"
        )
    body_start = label.end() + len(_DASHES)
    end_line = b"-----END " + label[0] + _DASHES
    body_end = data.find(end_line, body_start)
    name = label[0].decode("ascii")
    if body_end < 0:
        raise KeystoreInvalid(
            f"{source} is cut off: it has -----BEGIN {name}----- without -----END {name}-----;"
            " copy the file again as a whole"
        )
    return Block(name, data[body_start:body_end], source), body_end + len(end_line)


def _instead_of_pem(source: str, data: bytes) -> str:
    """What a file without PEM blocks is, and the command that makes PEM of it."""
    file = quote(source)
    if not data.strip():
        return "is empty: copy the file again"
    if data.startswith(_UTF16_MARKS):
        return "is UTF-16 text: save it as plain ASCII or UTF-8 text"
    if data.startswith(_DER_SEQUENCE):
        if is_certificate(data):
            return (
                "is a certificate in DER, not PEM; convert it with:"
                f" openssl x509 -inform der -in {file} -out server.pem"
            )
        return (
            "is binary (DER), not PEM; if it is a private key, convert it with:"
            f" openssl pkcs8 -topk8 -nocrypt -inform der -in {file} -out server.key"
        )
    return (
        "is not PEM: it has no -----BEGIN …----- line; give the files as the certificate"
        " authority sent them, and the private key"
    )
