import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.armour import read_blocks
from consoleproxy.keystore.contents import SIZE_LIMIT
from tests.unit.keystore.authority import Chain

TWO = (
    b"text\n-----BEGIN A-----\r\nAAAA\r\n-----END A-----\n"
    b"more -----BEGIN B C-----x-----END B C-----"
)


def test_blocks_come_in_order_and_text_around_them_is_skipped() -> None:
    first, second = read_blocks("file", TWO).blocks
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
    key = server.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data, command in (
        (server.certificate.public_bytes(Encoding.DER), "openssl x509 -inform der -in f"),
        (key, "openssl pkcs8 -topk8 -nocrypt -inform der -in f"),
    ):
        with pytest.raises(KeystoreInvalid, match=command):
            read_blocks("f", data)


def test_armour_that_was_url_encoded_is_found_and_said() -> None:
    found = read_blocks("file", b"-----BEGIN%20A-----%0AAAAA%0A-----END%20A-----%0A")
    assert [(block.label, block.body) for block in found.blocks] == [("A", b"%0AAAAA%0A")]
    (warning,) = found.warnings
    assert warning.startswith("the text in file had %2B and the like left over")
    assert read_blocks("file", TWO).warnings == ()


@given(st.binary() | st.lists(st.sampled_from([TWO[:40], TWO[20:], b"-----", b"\n"])).map(b"".join))
def test_any_bytes_give_blocks_or_the_documented_error(data: bytes) -> None:
    try:
        assert read_blocks("f", data).blocks
    except KeystoreInvalid:
        pass
