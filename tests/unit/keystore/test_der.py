import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.keystore.der import OCTET_STRING, SEQUENCE, element, whole_length


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"\x30\x00", 2),
        (b"\x30\x05", 7),
        (b"\x30\x81\x80", 0x83),
        (b"\x30\x82\x01\x00", 0x104),
        (b"\x30\x84\x01\x00\x00\x00", 0x1000006),
        (b"", None),
        (b"\x30", None),
        (b"\x30\x82\x01", None),
        (b"\x30\x80", None),
        (b"\x30\x85\x01\x00\x00\x00\x00", None),
    ],
)
def test_length_is_that_of_the_head(data: bytes, length: int | None) -> None:
    assert whole_length(data) == length


@given(st.binary(max_size=300), st.binary(max_size=9))
def test_an_element_is_split_off(content: bytes, rest: bytes) -> None:
    size = len(content)
    head = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2)
    found = element(bytes([SEQUENCE]) + head + content + rest, SEQUENCE)
    assert (found.tag, found.content, found.rest) == (SEQUENCE, content, rest)


@pytest.mark.parametrize("data", [b"", b"\x04\x00", b"\x30\x02\x00"])
def test_another_element_or_a_part_of_one_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no whole element with tag 0x30"):
        element(data, SEQUENCE)


@given(st.binary(max_size=20))
def test_any_bytes_give_an_element_or_value_error(data: bytes) -> None:
    try:
        found = element(data, OCTET_STRING)
    except ValueError:
        return
    assert data.endswith(found.content + found.rest)
