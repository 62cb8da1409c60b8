"""One certificate among others: where it was found, and whether it issued another."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from consoleproxy.keystore.der import EXPLICIT_0, INTEGER, SEQUENCE, element
from consoleproxy.keystore.model import certificate_name, shown


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate and where it was found, for messages: a file, an entry of it, or a row."""

    certificate: x509.Certificate
    source: str

    @property
    def name(self) -> str:
        return certificate_name(self.certificate)

    @property
    def fingerprint(self) -> bytes:
        return self.certificate.fingerprint(hashes.SHA256())

    @property
    def self_signed(self) -> bool:
        certificate = self.certificate
        if certificate.subject != certificate.issuer:
            return False
        try:
            certificate.verify_directly_issued_by(certificate)
        except InvalidSignature:
            return False
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Old roots are signed with SHA-1 or MD5, which is not verified any more, and of a
            # root needs not be.
            return _names_one_algorithm(certificate)
        return True


def _names_one_algorithm(certificate: x509.Certificate) -> bool:
    """Whether the signed part and the signature agree on how it is signed (RFC 5280, 4.1.1.2)."""
    signed = element(certificate.public_bytes(Encoding.DER), SEQUENCE).content
    outer = element(element(signed, SEQUENCE).rest, SEQUENCE).content
    inside = element(signed, SEQUENCE).content
    if certificate.version is not x509.Version.v1:
        inside = element(inside, EXPLICIT_0).rest
    return element(element(inside, INTEGER).rest, SEQUENCE).content == outer


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the names fit and the issuer's key made the signature (RFC 5280 section 6.1)."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def distinct(found: Iterable[FoundCertificate]) -> list[FoundCertificate]:
    """Each certificate once, in an order that does not depend on the input's.

    Of several that could issue the same certificate the one that lasts longest comes first.
    """
    once: dict[bytes, FoundCertificate] = {}
    for one in found:
        once.setdefault(one.fingerprint, one)
    return sorted(
        once.values(),
        key=lambda one: (-one.certificate.not_valid_after_utc.timestamp(), one.fingerprint),
    )


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may issue others (RFC 5280 sections 4.2.1.3 and 4.2.1.9)."""
    if certificate.version is x509.Version.v1:
        # Version 1 has no extensions; only old roots, which browsers know by themselves, are such.
        return issued(certificate, certificate)
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid


def path_length(certificate: x509.Certificate) -> int | None:
    """How many intermediates it allows below itself; None: any number."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return None
    return constraints.value.path_length


def where_to_get_issuer(certificate: x509.Certificate) -> str:
    """Where the authority offers its own certificate (RFC 5280 section 4.2.2.1), if it says."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ""
    for description in access.value:
        place = description.access_location
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            place, x509.UniformResourceIdentifier
        ):
            return f", from {shown(place.value)}"
    return ""
