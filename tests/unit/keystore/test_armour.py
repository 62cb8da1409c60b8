import pytest
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
from consoleproxy.keystore.armour import SIZE_LIMIT, read_blocks
from tests.unit.keystore.authority import Chain

TWO = (
    b"text\n-----BEGIN A-----\r\nAAAA\r\n-----END A-----\n"
    b"more -----BEGIN B C-----x-----END B C-----"
)


def test_blocks_come_in_order_and_text_around_them_is_skipped() -> None:
    first, second = read_blocks("file", TWO)
    assert (first.label, first.body.split(), first.source) == ("A", [b"AAAA"], "file")
    assert (second.label, second.body) == ("B C", b"x")


def test_a_block_hides_its_body() -> None:
    assert "AAAA" not in repr(read_blocks("file", TWO))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"hello", "is not PEM"),
        ("-----BEGIN A-----".encode("utf-16"), "is UTF-16 text"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "keytool -importkeystore -srckeystore 'my file'"),
        (b"-----BEGIN A-----\nAAAA", "is cut off: it has -----BEGIN A-----"),
        (b"-----BEGIN A-----\nAAAA-----END B-----", "is cut off"),
        (b"-----BEGIN A----\nAAAA-----END A-----", "has a damaged BEGIN line"),
        (b"-----BEGIN -----", "has a damaged BEGIN line"),
        (b"x" * (SIZE_LIMIT + 1), "more than any key or chain needs"),
    ],
)
def test_what_is_no_pem_is_named(data: bytes, expected: str) -> None:
    with pytest.raises(KeystoreInvalid) as fault:
        read_blocks("my file", data)
    assert expected in str(fault.value)
    assert "my file" in str(fault.value)


def test_binary_forms_are_told_apart(chain: Chain) -> None:
    server = chain.server
    archive = pkcs12.serialize_key_and_certificates(
        b"x", server.key, server.certificate, None, BestAvailableEncryption(b"x")
    )
    key = server.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data, command in (
        (archive, "openssl pkcs12 -in f"),
        (server.certificate.public_bytes(Encoding.DER), "openssl x509 -inform der -in f"),
        (key, "openssl pkcs8 -topk8 -nocrypt -inform der -in f"),
    ):
        with pytest.raises(KeystoreInvalid, match=command):
            read_blocks("f", data)


@given(st.binary() | st.lists(st.sampled_from([TWO[:40], TWO[20:], b"-----", b"\n"])).map(b"".join))
def test_any_bytes_give_blocks_or_the_documented_error(data: bytes) -> None:
    try:
        assert read_blocks("f", data)
    except KeystoreInvalid:
        pass
