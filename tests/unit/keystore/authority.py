"""Makes certificates of every kind, good and bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from consoleproxy.keystore.model import PrivateKey

# OpenSSL judges handshakes by the real clock; certificates hold whole seconds.
NOW = datetime.now(UTC).replace(microsecond=0)
DOMAIN = "*.console.test"


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def new_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def issue(
    common_name: str,
    issuer: Issued | None = None,
    *,
    key: PrivateKey | None = None,
    ca: bool | None = None,
    path_length: int | None = None,
    hosts: Sequence[str] = (),
    extensions: Sequence[x509.ExtensionType] = (),
    not_before: datetime = NOW - timedelta(days=10),
    not_after: datetime = NOW + timedelta(days=300),
    ca_issuers: str = "",
) -> Issued:
    """A certificate by ``issuer``, self-signed without one; with only the extensions asked for."""
    key = key or new_key()
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    if ca_issuers:
        place = x509.UniformResourceIdentifier(ca_issuers)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return Issued(builder.sign(signer, None), key)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def with_old_digest(issued: Issued, algorithm: int) -> Issued:
    """The same, claiming an older digest: 4 is MD5 with RSA, 5 is SHA-1 with RSA (RFC 8017, C)."""
    pkcs1 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01"
    der = issued.certificate.public_bytes(Encoding.DER)
    old = der.replace(pkcs1 + b"\x0b", pkcs1 + bytes([algorithm]))
    return Issued(x509.load_der_x509_certificate(old), issued.key)


def version_1(root: Issued) -> Issued:
    """A self-signed certificate without extensions, as of before X.509 version 3."""
    assert isinstance(root.key, ec.EllipticCurvePrivateKey)
    certificate = root.certificate
    signed = certificate.tbs_certificate_bytes
    version = b"\xa0\x03\x02\x01\x02"
    old = _der(0x30, signed[signed.index(version) + len(version) :])
    signature = _der(0x03, b"\0" + root.key.sign(old, ec.ECDSA(hashes.SHA256())))
    algorithm = _der(0x30, bytes.fromhex("06082a8648ce3d040302"))
    return Issued(x509.load_der_x509_certificate(_der(0x30, old + algorithm + signature)), root.key)


def _der(tag: int, content: bytes) -> bytes:
    """Tag, length in as few bytes as it takes, content (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@dataclass(frozen=True)
class Chain:
    """Root, two intermediates, a server certificate for ``*.console.test``."""

    root: Issued
    upper: Issued
    lower: Issued
    server: Issued

    @property
    def pems(self) -> list[bytes]:
        """Key and certificates, one text each, from the key to the root."""
        issued = (self.server, self.lower, self.upper, self.root)
        return [self.server.key_pem, *(one.pem for one in issued)]

    @property
    def blobs(self) -> list[tuple[str, bytes]]:
        names = ("server.key", "server.pem", "lower.pem", "upper.pem", "root.pem")
        return list(zip(names, self.pems, strict=True))


def make_chain(key: PrivateKey | None = None) -> Chain:
    root = issue("Root", ca=True)
    upper = issue("Upper", root, ca=True, path_length=1)
    lower = issue("Lower", upper, ca=True, path_length=0)
    server = issue("server", lower, key=key, ca=False, hosts=[DOMAIN, "console.test", "192.0.2.1"])
    return Chain(root, upper, lower, server)
