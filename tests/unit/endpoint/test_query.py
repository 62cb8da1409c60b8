import base64
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.endpoint.query import (
    ConsoleQuery,
    ViewerAbilities,
    parse_abilities,
    parse_console_query,
)
from consoleproxy.errors import TokenInvalid
from consoleproxy.names.console_url import console_url


@pytest.mark.parametrize(
    ("raw", "token", "extra"),
    [
        ("", "", ""),
        ("token", "", ""),
        ("token=&extra=", "", ""),
        ("token=a+/b==", "a+/b==", ""),
        ("token=a%2B%2Fb%3D%3d", "a+/b==", ""),
        ("token=a+/b", "a+/b", ""),
        ("extra=s3same=+&token=t", "t", "s3same=+"),
        ("token=t&extra=50%", "t", "50%"),
        ("token=t&extra=%C3%BC%26", "t", "ü&"),
        ("Token=x&TOKEN=y&token=t", "t", ""),
        ("host=h&port=1&sid=p&sourceIP=1.2.3.4&sessionUuid=u&token=t", "t", ""),
        ("token=t;extra=e", "t;extra=e", ""),
        ("&&token=t&&x&=y", "t", ""),
    ],
)
def test_queries(raw: str, token: str, extra: str) -> None:
    assert parse_console_query(raw) == ConsoleQuery(token, extra)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("token=t&rfb=3.8", ViewerAbilities(rfb38=True)),
        ("rfb=3.8&token=t&resume=1", ViewerAbilities(rfb38=True, resume=True)),
        ("token=t&steps=1", ViewerAbilities(steps=True)),
        ("token=t&facts=1", ViewerAbilities(facts=True)),
        ("token=t&ends=1", ViewerAbilities(named_ends=True)),
        ("token=t&resume=1", ViewerAbilities(resume=True)),
        ("token=t&rfb=3.7&resume=0", ViewerAbilities()),
        ("token=rfb=3.8", ViewerAbilities()),
        ("", ViewerAbilities()),
    ],
)
def test_viewer_may_say_ahead_what_it_can_do(raw: str, said: ViewerAbilities) -> None:
    assert parse_abilities(raw) == said


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("token=a&token=a", "token twice"),
        ("token=&token=a", "token twice"),
        ("token=a&extra=&extra=", "extra twice"),
        ("token=%ff", "token is not UTF-8"),
        ("token=a&extra=%c3%28", "extra is not UTF-8"),
        ("token=\ud800", "token is not UTF-8"),
        ("token=a&extra=" + "e" * 4097, "extra value is too long"),
        ("token=" + "a" * 65536, "query is too long"),
    ],
)
def test_refused_queries(raw: str, fault: str) -> None:
    with pytest.raises(TokenInvalid, match=fault):
        parse_console_query(raw)


@pytest.mark.parametrize(
    ("raw", "tab"),
    [
        ("token=a", ""),
        ("tab=0123456789abcdef", "0123456789abcdef"),
        ("token=a&tab=Kx3vP0_uQ-8mZt5aW1cR9g&framed=1", "Kx3vP0_uQ-8mZt5aW1cR9g"),
        ("tab=" + "a" * 64, "a" * 64),
        ("tab=" + "a" * 65, ""),
        ("tab=0123456789abcde", ""),
        ("tab=0123456789abcde%66", ""),
        ("tab=0123456789abcdef\r\n", ""),
        ("tab=0123456789abcdeé", ""),
        ("tab=0123456789abcdef&tab=0123456789abcdef", ""),
    ],
)
def test_a_tab_is_named_once_and_in_plain_letters(raw: str, tab: str) -> None:
    abilities = parse_abilities(raw)
    assert abilities.tab == tab
    assert abilities.framed == ("framed=1" in raw)
    assert not tab or tab not in repr(abilities)


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_a_console_url_says_comes_back(data: bytes, extra: str) -> None:
    token = base64.b64encode(data).decode("ascii")
    url = console_url("proxy.test", 8443, True, token, extra)
    assert parse_console_query(urlsplit(url).query) == ConsoleQuery(token, extra)
    fully_encoded = f"token={quote(token, safe='')}&extra={quote(extra, safe='')}"
    assert parse_console_query(fully_encoded) == ConsoleQuery(token, extra)
