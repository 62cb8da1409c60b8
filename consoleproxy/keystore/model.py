"""The keystore: a private key and the certificates that belong to it, in order."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Keystore:
    """What a TLS server needs, linked up and with sound signatures.

    Attributes:
        certificate: the server certificate; its key is ``private_key``.
        intermediates: from the issuer of the server certificate upwards; without a root.
        roots: self-signed certificates above them; never sent to a browser. Empty where none was
            given, and where the server certificate is self-signed.
        warnings: what was odd about the input, though it does no harm.
    """

    private_key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    intermediates: tuple[x509.Certificate, ...] = ()
    roots: tuple[x509.Certificate, ...] = ()
    warnings: tuple[str, ...] = ()

    def chain_pem(self) -> bytes:
        """What a server sends (RFC 8446 section 4.4.2): server certificate, then intermediates."""
        sent = (self.certificate, *self.intermediates)
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in sent)

    def key_pem(self) -> bytes:
        """The private key as PKCS#8 (RFC 5208), not encrypted."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def pem(self) -> bytes:
        """All of it: key, server certificate, intermediates, roots."""
        roots = b"".join(root.public_bytes(Encoding.PEM) for root in self.roots)
        return self.key_pem() + self.chain_pem() + roots


def certificate_name(certificate: x509.Certificate) -> str:
    """What messages call a certificate: its subject, else its first name, else its serial number.

    Safe to print: whatever a certificate holds, the text has no control characters.
    """
    subject = name_text(certificate.subject)
    if subject:
        return subject
    names = dns_names(certificate)
    return shown(names[0]) if names else f"serial number {certificate.serial_number:x}"


def name_text(name: x509.Name) -> str:
    """A distinguished name as text (RFC 4514) without control characters; "" if it is empty."""
    return shown(name.rfc4514_string())


def dns_names(certificate: x509.Certificate) -> list[str]:
    """The DNS names that a certificate is for, in lower case."""
    names = _alternative_names(certificate)
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)] if names else []


def ip_addresses(certificate: x509.Certificate) -> list[IPv4Address | IPv6Address]:
    """The addresses that a certificate is for."""
    names = _alternative_names(certificate)
    return [
        address
        for address in (names.get_values_for_type(x509.IPAddress) if names else [])
        if isinstance(address, IPv4Address | IPv6Address)
    ]


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def shown(text: str) -> str:
    """Text out of a certificate without what could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
