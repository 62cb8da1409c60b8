"""What a source of key and certificates holds, whatever its form."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import PrivateKey
from consoleproxy.keystore.strength import usable_key

# A certificate has about 2 KiB, a chain of ten about 20.
SIZE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A private key and where it was found, for messages."""

    key: PrivateKey
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Keys and certificates of one source.

    Attributes:
        certificates: must belong together.
        spare: may belong to them; stores keep old and other ones, too.
        in_order: whether the source has an order that a chain should keep.
        warnings: what was odd, though it does no harm; and what was repaired.
    """

    keys: tuple[FoundKey, ...] = ()
    certificates: tuple[FoundCertificate, ...] = ()
    spare: tuple[FoundCertificate, ...] = ()
    in_order: bool = True
    warnings: tuple[str, ...] = ()


def check_size(source: str, data: bytes) -> None:
    """Refuse what is too large to be looked at.

    Raises:
        KeystoreInvalid: it is.
    """
    if len(data) > SIZE_LIMIT:
        raise KeystoreInvalid(
            f"{source} has more than {SIZE_LIMIT} bytes, more than any key or chain needs:"
            " give the files of this server only"
        )


def read_private_key(der: bytes, source: str) -> FoundKey:
    """A PKCS#8 key that a TLS server can use.

    Raises:
        KeystoreInvalid: it is damaged, or of no use for TLS.
    """
    try:
        key = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is left out: it may quote the key.
        raise KeystoreInvalid(
            f"the private key in {source} is damaged or of an unknown kind:"
            " copy the file again, or make a new key"
        ) from None
    return FoundKey(usable_key(key, source), source)


def read_certificate(der: bytes, source: str) -> FoundCertificate:
    """A certificate, with every part decoded that is looked at later.

    Raises:
        KeystoreInvalid: it is damaged.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
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
            f"a certificate in {source} is damaged or of an unknown kind ({error}):"
            " copy the file again, or have it issued again"
        ) from error
    return FoundCertificate(certificate, source)


def is_certificate(der: bytes) -> bool:
    """Whether bytes are a certificate at first sight, to the last one."""
    try:
        x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        return False
    return True


def password_missing(source: str) -> KeystoreInvalid:
    """The fault of a store that was given no password."""
    return KeystoreInvalid(
        f"{source} has a password: set consoleproxy.keystore.password, or give it to"
        " `consoleproxy keystore check` with --password-file"
    )
