import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.blocks import read_pem
from tests.unit.keystore.authority import Chain, make_chain

_CHAIN = make_chain()


def fault(pem: bytes, file: str = "") -> str:
    with pytest.raises(KeystoreInvalid) as info:
        read_pem("my file", pem, file)
    return str(info.value)


def test_keys_and_certificates_come_in_their_order(chain: Chain) -> None:
    contents = read_pem("f", b"".join(chain.pems))
    assert [one.key.public_key() for one in contents.keys] == [chain.server.key.public_key()]
    certificates = [one.certificate for one in contents.certificates]
    expected = (chain.server, chain.lower, chain.upper, chain.root)
    assert certificates == [one.certificate for one in expected]
    assert contents.spare == ()
    assert contents.warnings == ()


def test_older_and_encrypted_keys_come_with_the_command_that_converts_them(
    chain: Chain, rsa_key: rsa.RSAPrivateKey
) -> None:
    password = BestAvailableEncryption(b"x")
    command = "openssl pkcs8 -topk8 -nocrypt -in 'my file' -out server-pkcs8.key"
    traditional, pkcs8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8
    ec_key = chain.server.key
    for pem, form in (
        (rsa_key.private_bytes(Encoding.PEM, traditional, NoEncryption()), "PKCS#1"),
        (ec_key.private_bytes(Encoding.PEM, traditional, NoEncryption()), "SEC1"),
        (rsa_key.private_bytes(Encoding.PEM, traditional, password), "encrypted"),
        (ec_key.private_bytes(Encoding.PEM, pkcs8, password), "encrypted"),
    ):
        text = fault(pem)
        assert form in text
        assert command in text


def test_keys_of_unusable_kinds(chain: Chain) -> None:
    openssh = chain.server.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert "ssh-keygen -p -m PKCS8 -f 'my file'" in fault(openssh)
    for key in (ed448.Ed448PrivateKey.generate(), dsa.generate_private_key(1024)):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        assert "of a kind that TLS servers do not use" in fault(pem)
    assert "is for DSA" in fault(b"-----BEGIN DSA PRIVATE KEY-----\n-----END DSA PRIVATE KEY-----")


def test_curve_parameters_before_a_key_are_skipped(chain: Chain) -> None:
    parameters = b"-----BEGIN EC PARAMETERS-----\nAA==\n-----END EC PARAMETERS-----\n"
    assert len(read_pem("f", parameters + chain.server.key_pem).keys) == 1


def test_blocks_of_other_kinds_are_named(chain: Chain) -> None:
    public = chain.server.key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    assert "my file has a public key: give the private key" in fault(public)
    for label, expected in (
        ("CERTIFICATE REQUEST", "a signing request"),
        ("PKCS7", "openssl pkcs7 -print_certs -in 'my file'"),
        ("TRUSTED CERTIFICATE", "openssl x509 -in 'my file'"),
        ("PGP MESSAGE", "of the unknown kind PGP MESSAGE"),
    ):
        assert expected in fault(f"-----BEGIN {label}-----AA==-----END {label}-----".encode())


def test_damage_is_named_and_the_key_is_not_quoted(chain: Chain) -> None:
    text = fault(chain.server.key_pem.replace(b"KEY-----\n", b"KEY-----\n!", 1))
    assert "the PRIVATE KEY in my file is damaged" in text
    assert "not base64" in text
    body = base64.b64encode(b"secret bytes")
    text = fault(b"-----BEGIN PRIVATE KEY-----" + body + b"-----END PRIVATE KEY-----")
    assert "the private key in my file is damaged" in text
    assert "secret" not in text
    text = fault(b"-----BEGIN CERTIFICATE-----" + body + b"-----END CERTIFICATE-----")
    assert "a certificate in my file is damaged" in text


def test_commands_name_a_file_where_the_source_is_none() -> None:
    text = fault(b"-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----", "server.key")
    assert text.startswith("the private key in my file is in the older PKCS#1 form")
    assert "openssl pkcs8 -topk8 -nocrypt -in server.key -out server-pkcs8.key" in text


def test_repairs_are_said_once_for_each_kind(chain: Chain) -> None:
    mangled = b"".join(chain.pems).replace(b"+", b"%2B")
    contents = read_pem("f", mangled)
    assert set(contents.warnings) <= {
        f"the {what} in f had %2B and the like left over from URL encoding: decoded; encode it"
        " only once"
        for what in ("certificate", "private key")
    }
    assert contents.certificates[0].certificate == chain.server.certificate


def test_damage_of_url_encoding_that_is_not_certain(chain: Chain) -> None:
    header, first, *rest = chain.root.pem.splitlines(keepends=True)
    text = fault(header + first[:20] + b" " + first[21:] + b"+".join(rest))
    assert text.startswith("the certificate in my file has blanks or % inside")
    assert "--data-urlencode certificate@FILE" in text
    text = fault(chain.server.key_pem.replace(b"\nM", b"\n%", 1))
    assert "--data-urlencode privatekey@FILE" in text


@given(st.integers(0, 4), st.floats(0, 1, exclude_max=True), st.binary(max_size=4))
def test_damaged_text_gives_contents_or_the_documented_error(
    which: int, place: float, change: bytes
) -> None:
    pem = bytearray(_CHAIN.pems[which])
    start = int(place * len(pem))
    pem[start : start + 1] = change
    try:
        read_pem("f", bytes(pem))
    except KeystoreInvalid as error:
        assert str(error).replace("…", "").isprintable()
