import base64
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.contents import SIZE_LIMIT
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import keystore_files, load_keystore, parse_keystore
from tests.unit.keystore.authority import Chain, issue, make_chain
from tests.unit.keystore.stores import PASSWORD, jks_of, pkcs12_of

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
        keystore = parse_keystore([("all.pem", b"\n".join(order))])
        certificates = [pem for pem in order if pem != chain.server.key_pem]
        assert bool(keystore.warnings) == (certificates != chain.pems[1:])
        assert is_complete(replace(keystore, warnings=()), chain)
        assert all("in the order of the chain" in warning for warning in keystore.warnings)


def test_equal_certificates_and_keys_count_once(chain: Chain) -> None:
    assert is_complete(parse_keystore(chain.blobs * 2), chain)


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: b"\xef\xbb\xbf" + pem,
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


def test_a_missing_issuer_is_a_warning_where_the_chain_need_not_be_complete(chain: Chain) -> None:
    alone = [("key", chain.server.key_pem), ("certificate", chain.server.pem)]
    keystore = parse_keystore(alone, complete=False)
    assert keystore.chain_pem() == chain.server.pem
    (warning,) = keystore.warnings
    assert "'CN=Lower', which issued 'CN=server', is missing" in warning


def test_the_same_certificate_many_times(chain: Chain) -> None:
    parse_keystore([("bundle", b"".join([*chain.pems, chain.root.pem * 50]))])


def test_a_bundle_of_all_authorities(chain: Chain) -> None:
    others = [issue(f"Other {number}", ca=True).pem for number in range(47)]
    text = fault(*chain.pems, *others)
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
    with pytest.raises(
        KeystoreInvalid, match=r"has no \.pem, \.crt, \.cer, \.key files, nor \.jks"
    ):
        load_keystore([tmp_path])
    assert keystore_files(tmp_path / "missing") == []
    (tmp_path / "file").touch()
    with pytest.raises(KeystoreInvalid, match="cannot be read: Not a directory"):
        keystore_files(tmp_path / "file")


def test_a_text_on_one_line_is_read_and_said(chain: Chain) -> None:
    keystore = parse_keystore([(name, pem.replace(b"\n", b"")) for name, pem in chain.blobs])
    assert keystore.warnings[0] == "the private key in server.key had lost its line ends: repaired"
    assert len(keystore.warnings) == 5
    assert is_complete(replace(keystore, warnings=()), chain)


def test_a_form_shows_by_what_a_file_holds(tmp_path: Path, chain: Chain) -> None:
    for number, data in enumerate((jks_of(chain), pkcs12_of(chain))):
        file = tmp_path / f"{number}.pem"
        file.write_bytes(data)
        assert is_complete(load_keystore([file], PASSWORD), chain)
        with pytest.raises(KeystoreInvalid, match=r"set consoleproxy\.keystore\.password"):
            load_keystore([file])


def test_a_store_and_pem_can_be_mixed(chain: Chain) -> None:
    alone = pkcs12_of(Chain(chain.root, chain.upper, chain.upper, chain.server))
    blobs = [("server.p12", alone), ("lower.pem", chain.lower.pem)]
    assert is_complete(parse_keystore(blobs, PASSWORD), chain)


def test_of_a_folder_stores_are_read_where_there_is_no_pem(tmp_path: Path, chain: Chain) -> None:
    store = tmp_path / "server.p12"
    store.write_bytes(pkcs12_of(chain))
    assert is_complete(load_keystore([tmp_path], PASSWORD), chain)
    (tmp_path / "all.pem").write_bytes(b"".join(chain.pems))
    assert keystore_files(tmp_path) == [tmp_path / "all.pem"]


def test_too_large_files(tmp_path: Path) -> None:
    file = tmp_path / "all.p12"
    file.write_bytes(bytes(SIZE_LIMIT + 1))
    with pytest.raises(KeystoreInvalid, match="more than any key or chain needs"):
        load_keystore([file])


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


@settings(deadline=None)
@given(
    which=st.integers(0, 3),
    place=st.floats(0, 1, exclude_max=True),
    change=st.sampled_from([b"", b" ", b"+", b"%2B", b"%41", b"A", b"/"]),
)
def test_repairs_of_damaged_text_never_make_another_keystore(
    which: int, place: float, change: bytes
) -> None:
    """All + are lost, and a character is damaged as well: signatures show what was made up.

    Of the key and of all certificates whose issuer is given, that is.
    """
    blobs = _CHAIN.pems
    start = 28 + int(place * (len(blobs[which]) - 60))
    blobs[which] = blobs[which][:start] + change + blobs[which][start + 1 :]
    try:
        keystore = parse_keystore([("f", blob.replace(b"+", b" ")) for blob in blobs])
    except KeystoreInvalid as error:
        assert str(error).isprintable()
    else:
        assert is_complete(replace(keystore, warnings=()), _CHAIN)


def test_control_characters_in_names_do_not_reach_the_terminal() -> None:
    alone = issue("a\x1b[31m", issue("b\x07", ca=True))
    text = fault(alone.key_pem, alone.pem)
    assert text.isprintable()
    assert "a?[31m" in text
