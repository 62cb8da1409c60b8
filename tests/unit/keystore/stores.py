"""Makes Java keystores and PKCS#12 files, with what real tools would not put into one."""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from tests.unit.keystore.authority import Chain, Issued

PASSWORD = "opensesame"


@dataclass(frozen=True)
class Entry:
    """An entry of a JKS: a key entry with ``key``, else a trusted certificate."""

    alias: str
    certificates: Sequence[Issued]
    key: Issued | None = None
    password: str = PASSWORD


def jks(entries: Iterable[Entry], password: str = PASSWORD, version: int = 2) -> bytes:
    """A file as ``sun.security.provider.JavaKeyStore`` writes it."""
    listed = list(entries)
    body = b"\xfe\xed\xfe\xed" + struct.pack(">II", version, len(listed))
    for entry in listed:
        alias = entry.alias.encode()
        body += struct.pack(">IH", 1 if entry.key else 2, len(alias)) + alias + bytes(8)
        if entry.key:
            body += _sized(_sealed(entry.key, entry.password))
            body += struct.pack(">I", len(entry.certificates))
        for one in entry.certificates:
            body += b"\0\x05X.509" if version > 1 else b""
            body += _sized(one.certificate.public_bytes(Encoding.DER))
    secret = password.encode("utf-16-be")
    return body + hashlib.sha1(secret + b"Mighty Aphrodite" + body).digest()


def jks_of(chain: Chain) -> bytes:
    """A file as CloudStack makes it: trusted root and intermediates, and the key entry."""
    issuers = (chain.root, chain.upper, chain.lower)
    return jks(
        [
            *(Entry(f"ca{number}", [one]) for number, one in enumerate(issuers, 1)),
            Entry("cpvmcertificate", [chain.server, *reversed(issuers)], chain.server),
        ]
    )


def pkcs12_of(chain: Chain, password: str = PASSWORD, name: bytes = b"x") -> bytes:
    return pkcs12.serialize_key_and_certificates(
        name,
        chain.server.key,
        chain.server.certificate,
        [one.certificate for one in (chain.root, chain.lower, chain.upper)],
        BestAvailableEncryption(password.encode()) if password else NoEncryption(),
    )


def _sealed(issued: Issued, password: str) -> bytes:
    """An EncryptedPrivateKeyInfo of Sun's key protector."""
    key = issued.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    secret, salt = password.encode("utf-16-be"), bytes(range(20))
    stream, block = b"", salt
    while len(stream) < len(key):
        block = hashlib.sha1(secret + block).digest()
        stream += block
    hidden = bytes(one ^ other for one, other in zip(key, stream, strict=False))
    protected = salt + hidden + hashlib.sha1(secret + key).digest()
    algorithm = bytes.fromhex("300e060a2b060104012a021101010500")
    octets = b"\x04\x82" + struct.pack(">H", len(protected)) + protected
    return b"\x30\x82" + struct.pack(">H", len(algorithm + octets)) + algorithm + octets


def _sized(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
