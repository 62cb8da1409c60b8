import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.contents import (
    SIZE_LIMIT,
    check_size,
    is_certificate,
    password_missing,
    read_certificate,
    read_private_key,
)
from tests.unit.keystore.authority import Chain


def test_a_key_and_a_certificate_know_where_they_come_from(chain: Chain) -> None:
    server = chain.server
    key = server.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert read_private_key(key, "a").source == "a"
    found = read_certificate(server.certificate.public_bytes(Encoding.DER), "b")
    assert (found.certificate, found.source) == (server.certificate, "b")


def test_a_weak_key_is_refused(weak_rsa_key: rsa.RSAPrivateKey) -> None:
    der = weak_rsa_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeystoreInvalid, match="the private key in a is an RSA key of 1024 bits"):
        read_private_key(der, "a")


@given(st.binary(max_size=100))
def test_any_bytes_give_the_documented_error(data: bytes) -> None:
    with pytest.raises(KeystoreInvalid, match="private key in a is damaged"):
        read_private_key(data, "a")
    with pytest.raises(KeystoreInvalid, match="a certificate in a is damaged"):
        read_certificate(data, "a")


def test_a_certificate_shows_at_first_sight(chain: Chain) -> None:
    der = chain.root.certificate.public_bytes(Encoding.DER)
    assert is_certificate(der)
    version_3, version_9 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"
    for other in (b"", der[:-1], der + b"x", der.replace(version_3, version_9, 1)):
        assert not is_certificate(other)


def test_size_has_a_limit() -> None:
    check_size("a", bytes(SIZE_LIMIT))
    with pytest.raises(KeystoreInvalid, match="a has more than"):
        check_size("a", bytes(SIZE_LIMIT + 1))


def test_a_missing_password_says_where_it_goes() -> None:
    text = str(password_missing("a.p12"))
    assert text.startswith("a.p12 has a password")
    assert "consoleproxy.keystore.password" in text
    assert "--password-file" in text
