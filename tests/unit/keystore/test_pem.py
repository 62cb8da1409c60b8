import base64
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import keystore_files, load_keystore, parse_keystore
from tests.unit.keystore.authority import Chain, issue, make_chain

_CHAIN = make_chain()


def fault(*blobs: bytes) -> str:
    with pytest.raises(KeystoreInvalid) as info:
        parse_keystore([(f"file {number}", blob) for number, blob in enumerate(blobs)])
    return str(info.value)


def is_complete(keystore: Keystore, chain: Chain) -> bool:
    return (
        keystore.key_pem() == chain.server.key_pem
        and keystore.chain_pem() == chain.server.pem + chain.lower.pem + chain.upper.pem
        and keystore.roots == (chain.root.certificate,)
        and not keystore.warnings
    )


def test_any_order_in_many_files_gives_the_same_keystore(chain: Chain) -> None:
    for order in permutations(chain.blobs):
        assert is_complete(parse_keystore(order), chain)


def test_any_order_in_one_file_gives_the_same_keystore(chain: Chain) -> None:
    for order in permutations(chain.pems):
        assert is_complete(parse_keystore([("all.pem", b"\n".join(order))]), chain)


def test_equal_certificates_and_keys_count_once(chain: Chain) -> None:
    assert is_complete(parse_keystore(chain.blobs * 2), chain)


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: b"\xef\xbb\xbf" + pem,
        lambda pem: pem.replace(b"\n", b""),
        lambda pem: pem.replace(b"\n", b"\n  "),
        lambda pem: b"Bag Attributes\n    friendlyName: x\nsubject=CN = x\n" + pem + b"\n\n",
        lambda pem: pem.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    ],
)
def test_pem_of_any_make_is_read(chain: Chain, change: Callable[[bytes], bytes]) -> None:
    assert is_complete(parse_keystore([(n, change(blob)) for n, blob in chain.blobs]), chain)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_other_good_keys(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
    chain = make_chain(key)
    assert is_complete(parse_keystore(chain.blobs), chain)


def test_an_rsa_key(rsa_key: rsa.RSAPrivateKey) -> None:
    chain = make_chain(rsa_key)
    assert is_complete(parse_keystore(chain.blobs), chain)


def test_no_key(chain: Chain) -> None:
    assert "there is no private key" in fault(*chain.pems[1:])
    assert "there is no private key" in fault()


def test_no_certificate(chain: Chain) -> None:
    assert "there is no certificate" in fault(chain.server.key_pem)


def test_two_keys(chain: Chain) -> None:
    text = fault(*chain.pems, chain.root.key_pem)
    assert "two private keys, in file 0 and in file 5" in text


def test_older_and_encrypted_keys_come_with_the_command_that_converts_them(
    chain: Chain, rsa_key: rsa.RSAPrivateKey
) -> None:
    password = BestAvailableEncryption(b"x")
    command = "openssl pkcs8 -topk8 -nocrypt -in 'file 0' -out server-pkcs8.key"
    traditional, pkcs8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8
    ec_key = chain.server.key
    for pem, form in (
        (rsa_key.private_bytes(Encoding.PEM, traditional, NoEncryption()), "PKCS#1"),
        (ec_key.private_bytes(Encoding.PEM, traditional, NoEncryption()), "SEC1"),
        (rsa_key.private_bytes(Encoding.PEM, traditional, password), "encrypted"),
        (ec_key.private_bytes(Encoding.PEM, pkcs8, password), "encrypted"),
    ):
        text = fault(pem, *chain.pems[1:])
        assert form in text
        assert command in text


def test_keys_of_unusable_kinds(chain: Chain) -> None:
    openssh = chain.server.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert "ssh-keygen -p -m PKCS8 -f 'file 0'" in fault(openssh)
    for key in (ed448.Ed448PrivateKey.generate(), dsa.generate_private_key(1024)):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        assert "of a kind that TLS servers do not use" in fault(pem)
    assert "is for DSA" in fault(b"-----BEGIN DSA PRIVATE KEY-----\n-----END DSA PRIVATE KEY-----")


def test_curve_parameters_before_a_key_are_skipped(chain: Chain) -> None:
    parameters = b"-----BEGIN EC PARAMETERS-----\nAA==\n-----END EC PARAMETERS-----\n"
    name, key = chain.blobs[0]
    assert is_complete(parse_keystore([(name, parameters + key), *chain.blobs[1:]]), chain)


def test_blocks_of_other_kinds_are_named(chain: Chain) -> None:
    public = chain.server.key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    assert "file 0 has a public key: give the private key" in fault(public)
    for label, expected in (
        ("CERTIFICATE REQUEST", "a signing request"),
        ("PKCS7", "openssl pkcs7 -print_certs -in 'file 0'"),
        ("TRUSTED CERTIFICATE", "openssl x509 -in 'file 0'"),
        ("PGP MESSAGE", "of the unknown kind PGP MESSAGE"),
    ):
        assert expected in fault(f"-----BEGIN {label}-----AA==-----END {label}-----".encode())


def test_damage_is_named_and_the_key_is_not_quoted(chain: Chain) -> None:
    text = fault(chain.server.key_pem.replace(b"KEY-----\n", b"KEY-----\n!", 1))
    assert "the PRIVATE KEY in file 0 is damaged" in text
    assert "not base64" in text
    body = base64.b64encode(b"secret bytes")
    text = fault(b"-----BEGIN PRIVATE KEY-----" + body + b"-----END PRIVATE KEY-----")
    assert "the private key in file 0 is damaged" in text
    assert "secret" not in text
    text = fault(b"-----BEGIN CERTIFICATE-----" + body + b"-----END CERTIFICATE-----")
    assert "a certificate in file 0 is damaged" in text


def test_a_bundle_of_all_authorities(chain: Chain) -> None:
    text = fault(*chain.pems, chain.root.pem * 50)
    assert "more than a chain has" in text


def test_a_folder_and_files_can_be_mixed(tmp_path: Path, chain: Chain) -> None:
    (tmp_path / "README.md").write_text("not read")
    (tmp_path / "folder.pem").mkdir()
    for file_name, data in zip(("tls.key", "tls.crt", "a.cer"), chain.pems, strict=False):
        (tmp_path / file_name).write_bytes(data)
    assert [file.name for file in keystore_files(tmp_path)] == ["a.cer", "tls.crt", "tls.key"]
    others = tmp_path / "others.txt"
    others.write_bytes(b"".join(chain.pems[3:]))
    assert is_complete(load_keystore([tmp_path, others]), chain)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KeystoreInvalid, match=r"missing\.pem cannot be read: No such file"):
        load_keystore([tmp_path / "missing.pem"])
    with pytest.raises(KeystoreInvalid, match=r"has no \.pem, \.crt, \.cer, \.key files"):
        load_keystore([tmp_path])
    assert keystore_files(tmp_path / "missing") == []
    (tmp_path / "file").touch()
    with pytest.raises(KeystoreInvalid, match="cannot be read: Not a directory"):
        keystore_files(tmp_path / "file")


@given(st.lists(st.tuples(st.text(max_size=5), st.binary()), max_size=3))
def test_any_bytes_give_the_documented_error(blobs: list[tuple[str, bytes]]) -> None:
    with pytest.raises(KeystoreInvalid):
        parse_keystore(blobs)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(deadline=None)
@given(
    which=st.integers(0, 4),
    place=st.floats(0, 1, exclude_max=True),
    change=st.binary(max_size=4),
    cut=st.integers(0, 4),
)
def test_damaged_files_give_a_keystore_or_the_documented_error(
    which: int, place: float, change: bytes, cut: int
) -> None:
    blobs = _CHAIN.pems
    header, *lines, footer = blobs[which].splitlines()
    body = bytearray(base64.b64decode(b"".join(lines)))
    start = int(place * len(body))
    body[start : start + cut] = change
    blobs[which] = header + b"\n" + base64.b64encode(body) + b"\n" + footer
    try:
        keystore = parse_keystore([("f", blob) for blob in blobs])
    except KeystoreInvalid as error:
        assert str(error).isprintable()
    else:
        assert keystore.certificate.public_key() == keystore.private_key.public_key()


def test_control_characters_in_names_do_not_reach_the_terminal() -> None:
    alone = issue("a\x1b[31m", issue("b\x07", ca=True))
    text = fault(alone.key_pem, alone.pem)
    assert text.isprintable()
    assert "a?[31m" in text
