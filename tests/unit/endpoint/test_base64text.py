import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.endpoint.base64text import decode_base64, encode_base64url


@given(st.binary(max_size=60))
def test_both_alphabets_with_and_without_padding(data: bytes) -> None:
    standard = base64.b64encode(data).decode("ascii")
    assert decode_base64(standard) == data
    assert decode_base64(standard.rstrip("=")) == data
    assert decode_base64(base64.urlsafe_b64encode(data).decode("ascii")) == data
    assert decode_base64(encode_base64url(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "A+_A",
        "AA A",
        "AA\n",
        "AAA=A",
        "====",
        "AB",
        "AAF=",
        "A=",
        "é",
        "\ud800",
        "AAA٣",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode_base64(text)
