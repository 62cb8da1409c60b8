"""A root, an intermediate and a server certificate for development, made in one go.

The keys of the two authorities exist in memory only, for as long as it takes to sign with them
once. Whoever gets hold of the folder can pose as the domain, but can issue nothing for others,
so trusting the root in a browser risks no more than this one domain.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore

# Browsers refuse server certificates that run for longer (Baseline Requirements, section 6.3.2).
LIFETIME = timedelta(days=397)

# Clocks of browsers may be a little behind.
_BACKDATED = timedelta(hours=1)
_LOOPBACK_NAMES = ("localhost",)
_LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentPki:
    """The files of a development keystore; ``root`` is the one that browsers must trust."""

    root: Path
    intermediate: Path
    certificate: Path
    private_key: Path


def make_development_pki(
    domain: str, folder: Path, now: datetime, *, overwrite: bool = False
) -> DevelopmentPki:
    """Make a keystore for ``*.domain``, ``domain`` and this machine, and write it to a folder.

    Args:
        domain: a host name, without ``*.``.
        folder: made if it does not exist.
        now: the time, with its zone, from which the certificates are valid.
        overwrite: replace files of an earlier run.

    Raises:
        KeystoreInvalid: such files exist, or the folder cannot be written.
    """
    pki = DevelopmentPki(
        root=folder / "root.pem",
        intermediate=folder / "intermediate.pem",
        certificate=folder / "server.pem",
        private_key=folder / "server.key",
    )
    paths = (pki.root, pki.intermediate, pki.certificate, pki.private_key)
    present = [path.name for path in paths if path.exists()]
    if present and not overwrite:
        raise KeystoreInvalid(
            f"{folder} has {', '.join(present)} already: give another folder, or --force to"
            " replace them (the new root must then be trusted anew)"
        )
    keystore = development_keystore(domain, now)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(pki.private_key, keystore.key_pem(), 0o600)
        for path, certificate in (
            (pki.root, keystore.roots[0]),
            (pki.intermediate, keystore.intermediates[0]),
            (pki.certificate, keystore.certificate),
        ):
            _write(path, certificate.public_bytes(Encoding.PEM), 0o644)
    except OSError as error:
        raise KeystoreInvalid(f"{error.filename} cannot be written: {error.strerror}") from error
    return pki


def development_keystore(domain: str, now: datetime) -> Keystore:
    """The same without files."""
    root_key, intermediate_key, server_key = (
        ec.generate_private_key(ec.SECP256R1()) for _ in range(3)
    )
    # Two roots of one name and different keys would confuse a browser's store of trusted roots.
    run = secrets.token_hex(4)
    root_name = _name(f"consoleproxy development root {run}")
    intermediate_name = _name(f"consoleproxy development intermediate {run}")
    root = (
        _authority(root_name, root_key, path_length=1, now=now)
        .issuer_name(root_name)
        .sign(root_key, hashes.SHA256())
    )
    intermediate = (
        _authority(intermediate_name, intermediate_key, path_length=0, now=now)
        .issuer_name(root_name)
        .add_extension(_issued_by(root_key), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _server(domain, server_key, now=now)
        .issuer_name(intermediate_name)
        .add_extension(_issued_by(intermediate_key), critical=False)
        .sign(intermediate_key, hashes.SHA256())
    )
    return Keystore(
        private_key=server_key,
        certificate=certificate,
        intermediates=(intermediate,),
        roots=(root,),
    )


def _authority(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, *, path_length: int, now: datetime
) -> x509.CertificateBuilder:
    return (
        _certificate(name, key, now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
    )


def _server(
    domain: str, key: ec.EllipticCurvePrivateKey, *, now: datetime
) -> x509.CertificateBuilder:
    names = dict.fromkeys((f"*.{domain}", domain, *_LOOPBACK_NAMES))
    hosts: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    hosts += [x509.IPAddress(ip_address(address)) for address in _LOOPBACK_ADDRESSES]
    return (
        _certificate(_name("consoleproxy development server"), key, now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    )


def _certificate(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, *, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    """Put a file in place at once, never readable by more than ``mode`` allows."""
    half_done = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        half_done.replace(path)
    except OSError:
        half_done.unlink()
        raise
