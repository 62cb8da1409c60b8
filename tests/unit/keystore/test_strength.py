import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.strength import (
    browser_warnings,
    check_certificate_strength,
    usable_key,
)
from tests.unit.keystore.authority import issue, with_old_digest


def test_weak_rsa_keys_are_refused(weak_rsa_key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(KeystoreInvalid, match=r"in a\.key is an RSA key of 1024 bits"):
        usable_key(weak_rsa_key, "a.key")
    with pytest.raises(KeystoreInvalid, match="'CN=a' has an RSA key of 1024 bits"):
        check_certificate_strength(issue("a", key=weak_rsa_key).certificate)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(KeystoreInvalid, match=r"a\.key is an elliptic curve key on secp256k1"):
        usable_key(ec.generate_private_key(ec.SECP256K1()), "a.key")
    with pytest.raises(KeystoreInvalid, match=r"a\.key is of a kind that TLS servers do not use"):
        usable_key(ed448.Ed448PrivateKey.generate(), "a.key")


@pytest.mark.parametrize(
    ("key", "warned"),
    [
        (ec.generate_private_key(ec.SECP256R1()), False),
        (ec.generate_private_key(ec.SECP384R1()), False),
        (ec.generate_private_key(ec.SECP521R1()), True),
        (ed25519.Ed25519PrivateKey.generate(), True),
    ],
)
def test_good_keys_and_those_that_some_browsers_refuse(
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, warned: bool
) -> None:
    certificate = issue("a", key=key).certificate
    check_certificate_strength(certificate)
    keystore = Keystore(private_key=usable_key(key, "a.key"), certificate=certificate)
    assert bool(browser_warnings(keystore)) is warned


def test_a_good_rsa_key(rsa_key: rsa.RSAPrivateKey) -> None:
    certificate = issue("a", key=rsa_key).certificate
    check_certificate_strength(certificate)
    assert usable_key(rsa_key, "a.key") is rsa_key
    assert not browser_warnings(Keystore(private_key=rsa_key, certificate=certificate))


@pytest.mark.parametrize(
    ("algorithm", "said"),
    [(4, "signed with MD5"), (5, "signed with SHA1"), (0x77, "signed in a way that TLS does not")],
)
def test_weak_signatures_are_refused(rsa_key: rsa.RSAPrivateKey, algorithm: int, said: str) -> None:
    with pytest.raises(KeystoreInvalid, match=said):
        check_certificate_strength(with_old_digest(issue("a", key=rsa_key), algorithm).certificate)
