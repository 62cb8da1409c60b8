"""Keys and certificates out of PEM text, and what to do about every other kind of block."""

from collections.abc import Callable
from shlex import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.armour import Block, read_blocks
from consoleproxy.keystore.contents import (
    Contents,
    FoundKey,
    is_certificate,
    read_certificate,
    read_private_key,
)
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.repair import Unrepairable, decode_body

_PRIVATE_KEY_LABEL = "PRIVATE KEY"
_CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE")
# OpenSSL writes curve parameters in front of a SEC1 key; they say nothing that the key does not.
_SKIPPED_LABELS = ("EC PARAMETERS", "DH PARAMETERS")

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


def read_pem(source: str, data: bytes, file: str = "") -> Contents:
    """Keys and certificates of a PEM text.

    Args:
        source: what messages call the text, e.g. its file's name.
        file: what commands in messages call it, where that is not its source.

    Raises:
        KeystoreInvalid: what is wrong and what to do, for the first fault found.
    """
    found = read_blocks(source, data)
    keys: list[FoundKey] = []
    certificates: list[FoundCertificate] = []
    warnings = [*found.warnings]
    for block in found.blocks:
        if block.label == _PRIVATE_KEY_LABEL:
            der = _der(block, "private key", _is_private_key, warnings)
            keys.append(read_private_key(der, source))
        elif block.label in _CERTIFICATE_LABELS:
            der = _der(block, "certificate", is_certificate, warnings)
            certificates.append(read_certificate(der, source))
        elif block.label not in _SKIPPED_LABELS:
            raise KeystoreInvalid(_unusable(block, quote(file or source)))
    return Contents(
        keys=tuple(keys),
        certificates=tuple(certificates),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _der(block: Block, what: str, is_whole: Callable[[bytes], bool], warnings: list[str]) -> bytes:
    """What stands in a block; what was repaired for that goes to ``warnings``."""
    try:
        decoded = decode_body(block.body, is_whole)
    except Unrepairable as fault:
        if fault.by_url:
            raise KeystoreInvalid(
                f"the {what} in {block.source} has blanks or % inside, as URL encoding leaves"
                " them, and cannot be repaired with certainty: send it again from the file,"
                f" URL-encoded once (curl --data-urlencode {what.replace(' ', '')}@FILE)"
            ) from None
        raise KeystoreInvalid(
            f"the {block.label} in {block.source} is damaged: what stands between its BEGIN and"
            " END lines is not base64; copy the file again"
        ) from None
    warnings.extend(f"the {what} in {block.source} {one.value}" for one in decoded.repairs)
    return decoded.data


def _is_private_key(der: bytes) -> bool:
    try:
        load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _unusable(block: Block, file: str) -> str:
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
