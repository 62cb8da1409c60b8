import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from consoleproxy.endpoint.jwt_keys import JwtKeys, parse_sealing_key
from consoleproxy.errors import SettingsInvalid
from tests.unit.endpoint.samples import SEALING_KEY, SECRET, private_pem, public_pem, rsa_key

EC, ED = generate_ec(SECP256R1()), Ed25519PrivateKey.generate()


def make(algorithm: str, key: str) -> JwtKeys:
    return JwtKeys(algorithm=algorithm, key=key, sealing_key=SEALING_KEY, audience="a")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", rsa_key()), ("ES256", EC), ("EdDSA", ED)],
    ids=["RS256", "ES256", "EdDSA"],
)
def test_either_half_of_a_fitting_pair(algorithm: str, key: object) -> None:
    assert isinstance(key, type(rsa_key()) | type(EC) | type(ED))
    both = make(algorithm, f"\n{private_pem(key)}\n")
    assert both.verification_key() == key.public_key()
    assert both.signing_key() is not None
    public = make(algorithm, public_pem(key))
    assert public.verification_key() == key.public_key()
    with pytest.raises(SettingsInvalid, match="give the private key"):
        public.signing_key()


@pytest.mark.parametrize(("algorithm", "shortest"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_secrets_are_as_long_as_the_hash(algorithm: str, shortest: int) -> None:
    assert make(algorithm, "x" * shortest + "\n").verification_key() == "x" * shortest
    with pytest.raises(SettingsInvalid, match=f"needs {shortest} bytes or more"):
        make(algorithm, "x" * (shortest - 1) + " \n")


@pytest.mark.parametrize(
    "key",
    [
        public_pem(rsa_key()),
        private_pem(ED),
        "ssh-ed25519 " + "A" * 64,
        '{"kty":"RSA","e":"AQAB","n":"' + "A" * 342 + '"}',
    ],
    ids=["public PEM", "private PEM", "SSH", "JWK"],
)
def test_half_a_pair_is_no_secret(key: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"set consoleproxy\.token\.jwt\.algorithm"):
        make("HS256", key)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", SECRET),
        ("RS256", ""),
        ("RS256", private_pem(EC)),
        ("RS256", public_pem(rsa_key(1024))),
        ("ES256", public_pem(rsa_key())),
        ("ES256", private_pem(generate_ec(SECP384R1()))),
        ("EdDSA", private_pem(EC)),
        (
            "EdDSA",
            Ed448PrivateKey.generate()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode("ascii"),
        ),
        (
            "EdDSA",
            ED.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
            ).decode("ascii"),
        ),
        ("EdDSA", "-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----"),
    ],
)
def test_a_key_that_does_not_fit_the_algorithm(algorithm: str, key: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"does not hold what {algorithm} needs"):
        make(algorithm, key)


@pytest.mark.parametrize("algorithm", ["", "none", "None", "hs256", "RS512", "PS256"])
def test_other_algorithms(algorithm: str) -> None:
    with pytest.raises(SettingsInvalid, match="is not one of HS256, HS384, HS512, RS256"):
        make(algorithm, SECRET)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        JwtKeys(algorithm="HS256", key="short", sealing_key=bytes(16), audience="")
    assert [problem.split(" ")[0] for problem in caught.value.problems] == [
        "consoleproxy.token.jwt.sealing.key.file",
        "consoleproxy.token.jwt.audience",
        "the",
    ]


def test_sealing_key() -> None:
    assert parse_sealing_key(base64.b64encode(SEALING_KEY).decode("ascii") + "\n") == SEALING_KEY
    assert parse_sealing_key(base64.urlsafe_b64encode(SEALING_KEY).decode("ascii")) == SEALING_KEY
    for wrong in ("", "x", base64.b64encode(bytes(31)).decode("ascii")):
        with pytest.raises(SettingsInvalid, match="openssl rand -base64 32"):
            parse_sealing_key(wrong)
