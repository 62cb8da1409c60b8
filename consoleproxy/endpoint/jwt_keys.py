"""Keys of JWT tokens, checked before the first token comes."""

from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from consoleproxy.endpoint.base64text import decode_base64
from consoleproxy.errors import SettingsInvalid

_HMAC_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_KINDS = {
    "RS256": "an RSA key of 2048 bits or more",
    "ES256": "an EC key on the curve P-256",
    "EdDSA": "an Ed25519 key",
}
_SEALING_BYTES = 32
_SEALING_REMEDY = (
    "consoleproxy.token.jwt.sealing.key.file must hold 32 bytes in base64: "
    "openssl rand -base64 32 makes them"
)

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtKeys:
    """What JWT tokens are verified and opened with.

    Args:
        algorithm: the only one that is accepted: HS256, HS384, HS512, RS256, ES256 or EdDSA.
        key: HS…: the shared secret as text; otherwise a public or private key in PEM. White space
            around it does not count. Tokens can be made only with a secret or a private key.
        sealing_key: 32 bytes, opens the target.
        audience: the ``aud`` that tokens must have.

    Raises:
        SettingsInvalid: a key does not fit the algorithm, is too weak, or something is missing.
    """

    algorithm: str
    key: str = field(repr=False)
    sealing_key: bytes = field(repr=False)
    audience: str
    _private: PrivateKey | None = field(init=False, repr=False, compare=False)
    _public: PublicKey | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = []
        if len(self.sealing_key) != _SEALING_BYTES:
            problems.append(_SEALING_REMEDY)
        if not self.audience:
            problems.append("consoleproxy.token.jwt.audience is empty: set it to the tokens' aud")
        private = public = None
        if self.algorithm in _HMAC_BYTES:
            problems += _secret_problems(self.algorithm, self.key.strip())
        elif self.algorithm in _KINDS:
            private, public = _load(self.key)
            if public is None or not _fits(self.algorithm, public):
                problems.append(
                    f"consoleproxy.token.jwt.key.file does not hold what {self.algorithm} needs: "
                    f"{_KINDS[self.algorithm]}, public or private, as unencrypted PEM"
                )
        else:
            known = ", ".join([*_HMAC_BYTES, *_KINDS])
            problems.append(
                f"consoleproxy.token.jwt.algorithm={self.algorithm!r} is not one of {known}"
            )
        if problems:
            raise SettingsInvalid(problems)
        object.__setattr__(self, "_private", private)
        object.__setattr__(self, "_public", public)

    def verification_key(self) -> PublicKey | str:
        """Return the public key, or the shared secret."""
        return self._public or self.key.strip()

    def signing_key(self) -> PrivateKey | str:
        """Return the private key, or the shared secret.

        Raises:
            SettingsInvalid: there is only a public key.
        """
        if self._public is not None and self._private is None:
            raise SettingsInvalid(
                ["the JWT key is a public key, which verifies only: give the private key"]
            )
        return self._private or self.key.strip()


def parse_sealing_key(text: str) -> bytes:
    """Read a sealing key: 32 bytes in base64 of either alphabet; white space around is ignored.

    Raises:
        SettingsInvalid: it is not one.
    """
    try:
        key = decode_base64(text.strip())
    except ValueError:
        raise SettingsInvalid([_SEALING_REMEDY]) from None
    if len(key) != _SEALING_BYTES:
        raise SettingsInvalid([_SEALING_REMEDY])
    return key


def _secret_problems(algorithm: str, secret: str) -> list[str]:
    if "-----BEGIN " in secret or secret.startswith(("ssh-", "ecdsa-", "{")):
        # Whoever has the public key could sign with it as if it were the secret.
        return [
            f"consoleproxy.token.jwt.key.file holds a key pair's half or a JWK, and {algorithm} "
            "needs a shared secret as it is: give one, or for a key pair in PEM "
            "set consoleproxy.token.jwt.algorithm to RS256, ES256 or EdDSA"
        ]
    shortest = _HMAC_BYTES[algorithm]
    if len(secret.encode("utf-8")) < shortest:
        return [
            f"the secret in consoleproxy.token.jwt.key.file is too short: {algorithm} needs "
            f"{shortest} bytes or more; openssl rand -base64 48 makes a good one"
        ]
    return []


def _load(key: str) -> tuple[PrivateKey | None, PublicKey | None]:
    """Return both halves, the public one alone, or neither."""
    pem = key.strip().encode("utf-8")
    try:
        if b"PRIVATE KEY-----" not in pem:
            public = load_pem_public_key(pem)
            return None, public if isinstance(public, PublicKey) else None
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None, None
    return (private, private.public_key()) if isinstance(private, PrivateKey) else (None, None)


def _fits(algorithm: str, key: PublicKey) -> bool:
    if algorithm == "RS256":
        return isinstance(key, RSAPublicKey) and key.key_size >= 2048
    if algorithm == "ES256":
        return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    return isinstance(key, Ed25519PublicKey)
