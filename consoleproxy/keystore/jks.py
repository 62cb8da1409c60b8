"""Java keystores, form JKS: how CloudStack hands key and certificates to a console proxy.

The form is that of the JDK's ``sun.security.provider.JavaKeyStore``: entries, then a SHA-1 over
password and entries. Keys are XORed with a stream of SHA-1 values of the password.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.contents import (
    Contents,
    password_missing,
    read_certificate,
    read_private_key,
)
from consoleproxy.keystore.der import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import shown

_MAGIC = b"\xfe\xed\xfe\xed"
_JCEKS_MAGIC = b"\xce\xce\xce\xce"

_VERSIONS = (1, 2)
_KEY_ENTRY, _CERTIFICATE_ENTRY = 1, 2
_DIGEST_BYTES = 20
_WHITENER = b"Mighty Aphrodite"
# 1.3.6.1.4.1.42.2.17.1.1, Sun's own key protector.
_KEY_PROTECTOR = bytes.fromhex("2b060104012a02110101")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry; ``sealed_key`` is None where it is a trusted certificate."""

    alias: str
    sealed_key: bytes | None = field(repr=False)
    chain: tuple[bytes, ...]


def is_java_keystore(data: bytes) -> bool:
    """Whether bytes begin as a keystore of Java's own forms does."""
    return data.startswith((_MAGIC, _JCEKS_MAGIC))


def read_jks(source: str, data: bytes, password: str) -> Contents:
    """The key entry ``CPVMCertificate``, or the only one, and the trusted certificates.

    Raises:
        KeystoreInvalid: wrong password, damage, no key entry or several to choose from.
    """
    if data.startswith(_JCEKS_MAGIC):
        raise KeystoreInvalid(
            f"{source} is a Java keystore of the older form JCEKS; convert it with:"
            f" keytool -importkeystore -srckeystore {quote(source)} -srcstoretype jceks"
            " -destkeystore server.p12 -deststoretype pkcs12"
        )
    try:
        entries = list(_entries(_Reader(data)))
    except ValueError as error:
        raise KeystoreInvalid(
            f"{source} is a Java keystore that is cut off or damaged ({error}):"
            " copy the file again as a whole"
        ) from None
    if not password:
        raise password_missing(source)
    secret = password.encode("utf-16-be")
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if not hmac.compare_digest(_sha1(secret, _WHITENER, body), digest):
        raise KeystoreInvalid(
            f"the password is not that of {source}, or the file is damaged; try it with:"
            f" keytool -list -keystore {quote(source)}"
        )
    return _contents(source, entries, secret)


def _contents(source: str, entries: list[_Entry], secret: bytes) -> Contents:
    entry, warnings = _server_entry(source, entries)
    place = f"{source}, entry '{shown(entry.alias)}'"
    chain = [read_certificate(der, place) for der in entry.chain]
    return Contents(
        keys=(read_private_key(_unsealed(place, entry.sealed_key or b"", secret), place),),
        certificates=tuple(chain[:1]),
        spare=(*chain[1:], *_trusted(source, entries)),
        warnings=warnings,
    )


def _trusted(source: str, entries: list[_Entry]) -> Iterator[FoundCertificate]:
    for entry in entries:
        if entry.sealed_key is None:
            for der in entry.chain:
                yield read_certificate(der, f"{source}, entry '{shown(entry.alias)}'")


def _server_entry(source: str, entries: list[_Entry]) -> tuple[_Entry, tuple[str, ...]]:
    """The key entry to use, and what to say about the others."""
    keyed = [entry for entry in entries if entry.sealed_key is not None]
    keyed.sort(key=lambda entry: entry.alias)
    if not keyed:
        names = ", ".join(f"'{shown(entry.alias)}'" for entry in entries)
        raise KeystoreInvalid(
            f"{source} has no private key, only certificates ({names or 'none'}): give the"
            " keystore in which the key was made, or import key and certificate into this one"
        )
    # Java writes the names in lower case, and takes them in any.
    named = [entry for entry in keyed if entry.alias.lower() == SERVER_CERTIFICATE_NAME.lower()]
    if len(keyed) > 1 and not named:
        names = ", ".join(f"'{shown(entry.alias)}'" for entry in keyed)
        raise KeystoreInvalid(
            f"{source} has {len(keyed)} private keys ({names}) and none of them is named"
            f" {SERVER_CERTIFICATE_NAME}; name the one to use: keytool -changealias"
            f" -keystore {quote(source)} -alias NAME -destalias {SERVER_CERTIFICATE_NAME}"
        )
    chosen = (named or keyed)[0]
    return chosen, tuple(
        f"the private key '{shown(entry.alias)}' in {source} is left out:"
        f" '{shown(chosen.alias)}' is used"
        for entry in keyed
        if entry is not chosen
    )


def _unsealed(place: str, sealed: bytes, secret: bytes) -> bytes:
    """The PKCS#8 key out of an EncryptedPrivateKeyInfo (RFC 5208 section 6)."""
    try:
        info = element(sealed, SEQUENCE)
        algorithm = element(info.content, SEQUENCE)
        name = element(algorithm.content, OBJECT_IDENTIFIER).content
        protected = element(algorithm.rest, OCTET_STRING).content
    except ValueError:
        name, protected = b"", b""
    if name != _KEY_PROTECTOR or len(protected) < 2 * _DIGEST_BYTES:
        raise KeystoreInvalid(
            f"the private key in {place} is damaged or encrypted in an unknown way:"
            " make the keystore again with keytool"
        )
    salt, digest = protected[:_DIGEST_BYTES], protected[-_DIGEST_BYTES:]
    hidden = protected[_DIGEST_BYTES:-_DIGEST_BYTES]
    stream = bytearray()
    block = salt
    while len(stream) < len(hidden):
        block = _sha1(secret, block)
        stream += block
    key = bytes(one ^ other for one, other in zip(hidden, stream, strict=False))
    if not hmac.compare_digest(_sha1(secret, key), digest):
        raise KeystoreInvalid(
            f"the private key in {place} has another password than the keystore: give both the"
            " same, with: keytool -keypasswd"
        )
    return key


def _sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).digest()


class _Reader:
    """Takes numbers and fields from the front of a file; ValueError where it ends too soon."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, size: int) -> bytes:
        start, self._position = self._position, self._position + size
        if self._position > len(self._data):
            raise ValueError(f"it ends at byte {len(self._data)}")
        return self._data[start : self._position]

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def sized(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        return self.take(struct.unpack(">H", self.take(2))[0]).decode("utf-8", "replace")

    def end(self) -> None:
        if self._position != len(self._data):
            raise ValueError(f"its entries end at byte {self._position}")


def _entries(reader: _Reader) -> Iterator[_Entry]:
    reader.take(len(_MAGIC))
    version = reader.number()
    if version not in _VERSIONS:
        raise ValueError(f"version {version}")
    for _ in range(reader.number()):
        kind, alias = reader.number(), reader.text()
        reader.take(8)  # The date.
        if kind == _KEY_ENTRY:
            key = reader.sized()
            chain = tuple(_certificate(reader, version) for _ in range(reader.number()))
            yield _Entry(alias, key, chain)
        elif kind == _CERTIFICATE_ENTRY:
            yield _Entry(alias, None, (_certificate(reader, version),))
        else:
            raise ValueError(f"entry of kind {kind}")
    reader.take(_DIGEST_BYTES)
    reader.end()


def _certificate(reader: _Reader, version: int) -> bytes:
    if version > 1 and (kind := reader.text()) != "X.509":
        raise ValueError(f"certificate of kind {shown(kind)}")
    return reader.sized()
