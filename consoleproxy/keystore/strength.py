"""Keys and signatures that browsers, and OpenSSL at its default level, still take."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore, PrivateKey, certificate_name

# CA/Browser Forum Baseline Requirements, section 6.1.5.
RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")

_WEAK_HASHES = ("md5", "sha1")
_CURVE_NOT_IN_ALL_BROWSERS = "secp521r1"


def usable_key(key: PrivateKeyTypes, source: str) -> PrivateKey:
    """The key, if a TLS server can use it.

    Raises:
        KeystoreInvalid: its kind, size or curve is not one for TLS.
    """
    match key:
        case RSAPrivateKey():
            if key.key_size >= RSA_BITS:
                return key
            fault = f"an RSA key of {key.key_size} bits, which is too weak"
        case EllipticCurvePrivateKey():
            if key.curve.name in CURVES:
                return key
            fault = f"an elliptic curve key on {key.curve.name}, which TLS servers do not use"
        case Ed25519PrivateKey():
            return key
        case _:
            fault = "of a kind that TLS servers do not use"
    raise KeystoreInvalid(
        f"the private key in {source} is {fault}: make a new key (RSA with at least {RSA_BITS}"
        " bits, or ECDSA P-256 or P-384) and have a certificate issued for it"
    )


def check_certificate_strength(certificate: x509.Certificate) -> None:
    """Refuse a weak key or signature in a certificate that is sent to browsers.

    Raises:
        KeystoreInvalid: it has one.
    """
    name = certificate_name(certificate)
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS:
        raise KeystoreInvalid(
            f"the certificate '{name}' has an RSA key of {key.key_size} bits, which is too weak:"
            f" ask the certificate authority for one with at least {RSA_BITS} bits"
        )
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        raise KeystoreInvalid(
            f"the certificate '{name}' is signed in a way that TLS does not know:"
            " have it issued again with SHA-256"
        ) from None
    if algorithm is not None and algorithm.name in _WEAK_HASHES:
        raise KeystoreInvalid(
            f"the certificate '{name}' is signed with {algorithm.name.upper()}, which browsers"
            " refuse: have it issued again with SHA-256"
        )


def browser_warnings(keystore: Keystore) -> list[str]:
    """Keys that are strong, but that not every browser takes."""
    key = keystore.private_key
    if isinstance(key, Ed25519PrivateKey):
        return ["most browsers refuse Ed25519 server certificates: use ECDSA P-256 or RSA"]
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == _CURVE_NOT_IN_ALL_BROWSERS:
        return ["some browsers refuse P-521 server certificates: use ECDSA P-256 or P-384"]
    return []
