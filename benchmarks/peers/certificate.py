"""The certificate that all peers show in a run: self-signed, RSA with 2048 bits."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "bench.example.test"

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files; ``both`` has key and certificate, and ``folder`` nothing but these two."""

    folder: Path
    certificate: Path
    key: Path
    both: Path


def make_certificate(folder: Path) -> Certificate:
    """Make one for ``HOST`` and 127.0.0.1, good for a day, in this empty folder."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = (x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_pem = certificate.public_bytes(Encoding.PEM)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pair = folder / "pair"
    pair.mkdir()
    made = Certificate(pair, pair / "bench.pem", pair / "bench.key", folder / "both.pem")
    made.certificate.write_bytes(certificate_pem)
    made.key.write_bytes(key_pem)
    made.both.write_bytes(key_pem + certificate_pem)
    return made
