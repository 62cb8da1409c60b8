"""A keystore from PEM files: key and certificates in any order, in one file or many."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.armour import SIZE_LIMIT, Block, read_blocks
from consoleproxy.keystore.chain import FoundCertificate, link_up
from consoleproxy.keystore.model import Keystore, PrivateKey
from consoleproxy.keystore.strength import usable_key

_FILE_TYPES = (".pem", ".crt", ".cer", ".key")
_CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE")
# OpenSSL writes curve parameters in front of a SEC1 key; they say nothing that the key does not.
_SKIPPED_LABELS = ("EC PARAMETERS", "DH PARAMETERS")
_CERTIFICATE_LIMIT = 50

_TO_PKCS8 = "openssl pkcs8 -topk8 -nocrypt -in {file} -out server-pkcs8.key"
_OTHER_KEYS = {
    "RSA PRIVATE KEY": ("in the older PKCS#1 form", _TO_PKCS8),
    "EC PRIVATE KEY": ("in the older SEC1 form", _TO_PKCS8),
    "DSA PRIVATE KEY": ("for DSA, which TLS no longer uses", ""),
    "ENCRYPTED PRIVATE KEY": ("encrypted with a password", _TO_PKCS8),
    "OPENSSH PRIVATE KEY": ("in OpenSSH's own form", "ssh-keygen -p -m PKCS8 -f {file}"),
}
_OTHER_BLOCKS = {
    "CERTIFICATE REQUEST": "a signing request: give the certificate that was issued for it",
    "NEW CERTIFICATE REQUEST": "a signing request: give the certificate that was issued for it",
    "PUBLIC KEY": "a public key: give the private key",
    "TRUSTED CERTIFICATE": "OpenSSL's own form of certificate; convert it with:"
    " openssl x509 -in {file} -out server.pem",
    "PKCS7": "PKCS#7; convert it with: openssl pkcs7 -print_certs -in {file} -out certificates.pem",
}


@dataclass(frozen=True, slots=True)
class _FoundKey:
    key: PrivateKey
    source: str


def load_keystore(paths: Iterable[Path]) -> Keystore:
    """Read a keystore from files; of a folder, its .pem, .crt, .cer and .key files.

    Certbot's ``live/NAME`` folders and Kubernetes' TLS secrets can be given as they are.

    Raises:
        KeystoreInvalid: as ``parse_keystore``, or a file cannot be read.
    """
    files = [file for path in paths for file in _files_of(path)]
    return parse_keystore([(str(file), _read(file)) for file in files])


def keystore_files(folder: Path) -> list[Path]:
    """The files of a folder that ``load_keystore`` reads; none if it does not exist.

    Raises:
        KeystoreInvalid: the folder cannot be read.
    """
    try:
        return sorted(
            file for file in folder.iterdir() if file.suffix in _FILE_TYPES and file.is_file()
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeystoreInvalid(f"the folder {folder} cannot be read: {error.strerror}") from error


def parse_keystore(blobs: Iterable[tuple[str, bytes]]) -> Keystore:
    """Read a keystore from PEM texts.

    Dates and names are left to ``validity.check_keystore``.

    Args:
        blobs: for each text the name that messages give it, e.g. its file's, and its bytes.

    Raises:
        KeystoreInvalid: what is wrong and what to do, for the first fault found.
    """
    keys: list[_FoundKey] = []
    certificates: list[FoundCertificate] = []
    for source, data in blobs:
        for block in read_blocks(source, data):
            if block.label == "PRIVATE KEY":
                keys.append(_FoundKey(_private_key(block), source))
            elif block.label in _CERTIFICATE_LABELS:
                certificates.append(FoundCertificate(_certificate(block), source))
            elif block.label not in _SKIPPED_LABELS:
                raise KeystoreInvalid(_unusable(block))
    if len(certificates) > _CERTIFICATE_LIMIT:
        raise KeystoreInvalid(
            f"{len(certificates)} certificates are more than a chain has: give those of this"
            " server only, not a bundle of all authorities"
        )
    return link_up(_only_key(keys), certificates)


def _only_key(keys: list[_FoundKey]) -> PrivateKey:
    if not keys:
        raise KeystoreInvalid(
            "there is no private key: give the PKCS#8 file (-----BEGIN PRIVATE KEY-----) that"
            " belongs to the server certificate, too"
        )
    first, *others = keys
    public = first.key.public_key()
    for other in others:
        if other.key.public_key() != public:
            raise KeystoreInvalid(
                f"there are two private keys, in {first.source} and in {other.source}:"
                " give only the one that belongs to the server certificate"
            )
    return first.key


def _private_key(block: Block) -> PrivateKey:
    try:
        key = load_der_private_key(_der(block), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is left out: it may quote the key.
        raise KeystoreInvalid(
            f"the private key in {block.source} is damaged or of an unknown kind:"
            " copy the file again, or make a new key"
        ) from None
    return usable_key(key, block.source)


def _certificate(block: Block) -> x509.Certificate:
    """The certificate, with every part decoded that is looked at later."""
    try:
        certificate = x509.load_der_x509_certificate(_der(block))
        for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc"):
            getattr(certificate, part)
        _ = certificate.extensions, certificate.public_key()
    except (
        ValueError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise KeystoreInvalid(
            f"a certificate in {block.source} is damaged or of an unknown kind ({error}):"
            " copy the file again, or have it issued again"
        ) from error
    return certificate


def _der(block: Block) -> bytes:
    try:
        return base64.b64decode(b"".join(block.body.split()), validate=True)
    except binascii.Error:
        raise KeystoreInvalid(
            f"the {block.label} in {block.source} is damaged: what stands between its BEGIN and"
            " END lines is not base64; copy the file again"
        ) from None


def _unusable(block: Block) -> str:
    file = quote(block.source)
    if block.label in _OTHER_KEYS:
        form, command = _OTHER_KEYS[block.label]
        if b"ENCRYPTED" in block.body:
            form = "encrypted with a password"
        remedy = f"convert it with: {command.format(file=file)}" if command else "make a new key"
        return (
            f"the private key in {block.source} is {form}, not plain PKCS#8"
            f" (-----BEGIN PRIVATE KEY-----); {remedy}"
        )
    if block.label in _OTHER_BLOCKS:
        return f"{block.source} has {_OTHER_BLOCKS[block.label].format(file=file)}"
    return (
        f"{block.source} has a block of the unknown kind {block.label}:"
        " give certificates and a PKCS#8 private key only"
    )


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = keystore_files(path)
    if not files:
        raise KeystoreInvalid(
            f"the folder {path} has no {', '.join(_FILE_TYPES)} files: put the private key and"
            " the certificates there"
        )
    return files


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise KeystoreInvalid(f"{file} cannot be read: {error.strerror}") from error
