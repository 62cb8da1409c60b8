import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.endpoint import jwt
from consoleproxy.endpoint.cloudstack import encode
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.errors import SettingsInvalid, TokenInvalid, TokenMissing
from tests.unit.endpoint.samples import ENDPOINT, JWT_KEYS, KEYS

BOTH = TokenCodec(KEYS, JWT_KEYS)
CBC = encode(ENDPOINT, KEYS, form="cbc")
JWT = jwt.encode(ENDPOINT, JWT_KEYS, 1000, 60)


def test_every_form_is_opened() -> None:
    assert BOTH.decode(BOTH.encode(ENDPOINT)) == ENDPOINT
    assert BOTH.decode(CBC) == ENDPOINT
    assert BOTH.decode(JWT).expires_at == 1060


def test_a_form_without_keys_is_refused() -> None:
    with pytest.raises(TokenInvalid, match="JWT"):
        TokenCodec(KEYS, None).decode(JWT)
    with pytest.raises(TokenInvalid, match="no CloudStack keys"):
        TokenCodec(None, JWT_KEYS).decode(CBC)
    with pytest.raises(TokenInvalid):
        TokenCodec(KEYS, None, accept_cbc=False).decode(CBC)
    with pytest.raises(SettingsInvalid, match="no CloudStack keys"):
        TokenCodec(None, JWT_KEYS).encode(ENDPOINT)


def test_whether_there_are_keys() -> None:
    assert TokenCodec(KEYS, None).has_keys
    assert TokenCodec(None, JWT_KEYS).has_keys
    assert not TokenCodec(None, None).has_keys


def test_no_token() -> None:
    with pytest.raises(TokenMissing):
        BOTH.decode("")


base64_texts = st.text("ABab01+/-_=%.")
pieces = st.sampled_from(
    ["token=", "extra=", "&", "=", "%2B", "%ff", CBC[:64], JWT, *JWT.split(".")]
)


@given(st.one_of(st.text(min_size=1), base64_texts, st.lists(pieces).map("".join)))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    for read in (BOTH.decode, lambda raw: BOTH.decode(parse_console_query(raw).token)):
        try:
            assert read(text).session_uuid == ENDPOINT.session_uuid
        except (TokenMissing, TokenInvalid) as refusal:
            assert text not in str(refusal) or len(text) < 12
