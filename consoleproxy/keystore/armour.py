"""PEM armour (RFC 7468): the blocks of a file, and what a file without any is instead."""

import re
from dataclasses import dataclass, field
from shlex import quote

from cryptography import x509

from consoleproxy.errors import KeystoreInvalid

_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_LABEL = re.compile(rb"[A-Z0-9 ]{1,40}")

# A certificate has about 2 KiB, a chain of ten about 20.
SIZE_LIMIT = 1 << 20

_PKCS12_VERSION = b"\x02\x01\x03"
_JAVA_KEYSTORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DER_SEQUENCE = b"\x30"


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its label, e.g. ``CERTIFICATE``, what stands inside, and the file's name."""

    label: str
    body: bytes = field(repr=False)
    source: str


def read_blocks(source: str, data: bytes) -> list[Block]:
    """All PEM blocks of a file, in order; text around them is skipped.

    Args:
        source: the file's name, for messages.

    Raises:
        KeystoreInvalid: there is no block, or one is cut off.
    """
    if len(data) > SIZE_LIMIT:
        raise KeystoreInvalid(
            f"{source} has {len(data)} bytes, more than any key or chain needs"
            f" ({SIZE_LIMIT}): give the files of this server only"
        )
    blocks = []
    start = data.find(_BEGIN)
    while start >= 0:
        block, end = _block_at(source, data, start)
        blocks.append(block)
        start = data.find(_BEGIN, end)
    if not blocks:
        raise KeystoreInvalid(f"{source} {_instead_of_pem(source, data)}")
    return blocks


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
    if data.startswith(_JAVA_KEYSTORES):
        return (
            "is a Java keystore, not PEM; convert it with: keytool -importkeystore"
            f" -srckeystore {file} -destkeystore server.p12 -deststoretype pkcs12;"
            " openssl pkcs12 -in server.p12 -nodes -out server.pem"
        )
    if data.startswith(_DER_SEQUENCE):
        if _PKCS12_VERSION in data[:8]:
            return (
                "is PKCS#12, not PEM; convert it with:"
                f" openssl pkcs12 -in {file} -nodes -out server.pem"
            )
        if _is_der_certificate(data):
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


def _is_der_certificate(data: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(data)
    except ValueError:
        return False
    return True
