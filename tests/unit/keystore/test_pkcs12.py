import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.pkcs12 import is_pkcs12, read_pkcs12
from tests.unit.keystore.authority import Chain, issue, make_chain
from tests.unit.keystore.stores import PASSWORD, pkcs12_of

_CHAIN = make_chain()
# Few rounds, so that many damaged files can be tried.
_QUICK = (
    PrivateFormat.PKCS12.encryption_builder()
    .kdf_rounds(1)
    .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
    .hmac_hash(hashes.SHA256())
    .build(PASSWORD.encode())
)
_FILE = pkcs12.serialize_key_and_certificates(
    b"x", _CHAIN.server.key, _CHAIN.server.certificate, [_CHAIN.lower.certificate], _QUICK
)


def fault(data: bytes, password: str = PASSWORD) -> str:
    with pytest.raises(KeystoreInvalid) as info:
        read_pkcs12("my file", data, password)
    return str(info.value)


@pytest.mark.parametrize("password", [PASSWORD, "päßwörd", ""])
def test_key_and_certificate_are_read_the_others_are_spare(chain: Chain, password: str) -> None:
    contents = read_pkcs12("f", pkcs12_of(chain, password), password)
    assert [one.key.public_key() for one in contents.keys] == [chain.server.key.public_key()]
    assert [one.certificate for one in contents.certificates] == [chain.server.certificate]
    others = {chain.root.certificate, chain.lower.certificate, chain.upper.certificate}
    assert {one.certificate for one in contents.spare} == others
    assert not contents.in_order


def test_the_password_is_missing_or_wrong() -> None:
    assert fault(_FILE, "").startswith("my file has a password")
    text = fault(_FILE, "OpenSesame")
    assert text.startswith("the password is not that of my file, or the file is damaged, or a key")
    assert "openssl pkcs12 -info -noout -in 'my file'" in text


def test_a_file_that_is_cut_off() -> None:
    assert "is a PKCS#12 keystore that is cut off (it ends at byte 100)" in fault(_FILE[:100])
    assert "that is cut off" in fault(_FILE[:3])


def test_bytes_behind_are_passed_over() -> None:
    assert read_pkcs12("f", _FILE + b"\n", PASSWORD).keys


def test_no_key(chain: Chain) -> None:
    secret = BestAvailableEncryption(PASSWORD.encode())
    data = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(chain.root.certificate, b"the root")], secret
    )
    text = fault(data)
    assert text.startswith("my file has no private key, only certificates ('the root')")


def test_of_several_keys_only_the_first_shows(chain: Chain) -> None:
    """A stand-in: the certificate of the other key, under CloudStack's name."""
    named = pkcs12.PKCS12Certificate(issue("other").certificate, b"cpvmcertificate")
    secret = BestAvailableEncryption(PASSWORD.encode())
    data = pkcs12.serialize_key_and_certificates(
        b"first", chain.server.key, chain.server.certificate, [named], secret
    )
    text = fault(data)
    assert "has several private keys, and 'first' comes before CPVMCertificate" in text
    assert "keytool -importkeystore -srckeystore 'my file' -srcalias CPVMCertificate" in text
    assert read_pkcs12("f", pkcs12_of(chain, name=b"CPVMcertificate"), PASSWORD).keys


def test_a_key_without_certificate(chain: Chain) -> None:
    secret = BestAvailableEncryption(PASSWORD.encode())
    data = pkcs12.serialize_key_and_certificates(b"x", chain.server.key, None, None, secret)
    contents = read_pkcs12("f", data, PASSWORD)
    assert len(contents.keys) == 1
    assert contents.certificates == ()


def test_pkcs12_shows_by_its_version(chain: Chain) -> None:
    server = chain.server
    assert is_pkcs12(_FILE)
    key = server.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for other in (server.certificate.public_bytes(Encoding.DER), key, server.pem, b""):
        assert not is_pkcs12(other)


@given(st.floats(0, 1, exclude_max=True), st.binary(max_size=4), st.integers(0, 4))
def test_damaged_files_give_the_documented_error_or_the_same(
    place: float, change: bytes, cut: int
) -> None:
    start = int(place * len(_FILE))
    try:
        contents = read_pkcs12("f", _FILE[:start] + change + _FILE[start + cut :], PASSWORD)
    except KeystoreInvalid as error:
        assert str(error).isprintable()
    else:
        assert [one.certificate for one in contents.certificates] == [_CHAIN.server.certificate]
