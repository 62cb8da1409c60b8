from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.names.console_url import console_url

PAGE = "/resource/noVNC/vnc.html?autoconnect=true&show_dot=true"


@pytest.mark.parametrize(
    ("host", "port", "tls", "start"),
    [
        ("1-2-3-4.dom.test", 8443, True, "https://1-2-3-4.dom.test:8443"),
        ("192.0.2.10", 8080, False, "http://192.0.2.10:8080"),
        ("192.0.2.10", 80, False, "http://192.0.2.10"),
        ("192.0.2.10", 443, True, "https://192.0.2.10"),
        ("192.0.2.10", 443, False, "http://192.0.2.10:443"),
        ("192.0.2.10", 80, True, "https://192.0.2.10:80"),
        ("2001:db8::1", 8080, False, "http://[2001:db8::1]:8080"),
        ("2001:db8::1", 80, False, "http://[2001:db8::1]"),
    ],
)
def test_where_the_page_is(host: str, port: int, tls: bool, start: str) -> None:
    assert console_url(host, port, tls, "T") == f"{start}{PAGE}&port={port}&token=T"


def test_the_dot_may_be_off() -> None:
    assert "?autoconnect=true&show_dot=false&port=" in console_url(
        "h", 80, False, "T", show_dot=False
    )


def test_a_token_stands_as_it_is() -> None:
    token = "AAE+/x-_y.z=="
    assert console_url("h", 80, False, token).endswith(f"&token={token}")


def test_extra_and_language_come_last_and_only_if_given() -> None:
    url = console_url("h", 80, False, "T", extra="s3cret", language="jp")
    assert url.endswith("&token=T&extra=s3cret&language=jp")
    assert console_url("h", 80, False, "T", language="jp").endswith("&token=T&language=jp")


def test_what_would_end_a_value_is_encoded() -> None:
    url = console_url("h", 80, False, "T", extra="a&b#c%d e\"f'<ü>+", language="x&y")
    assert url.endswith("&extra=a%26b%23c%25d%20e%22f%27%3C%C3%BC%3E+&language=x%26y")


@given(extra=st.text(min_size=1), language=st.text(min_size=1))
def test_values_read_back(extra: str, language: str) -> None:
    url = console_url("h", 80, False, "T", extra, language)
    assert url.isascii()
    # A "+" is a plus here, as readers of console URLs take it.
    query = parse_qs(urlsplit(url).query.replace("+", "%2B"), strict_parsing=True)
    assert query == {
        "autoconnect": ["true"],
        "show_dot": ["true"],
        "port": ["80"],
        "token": ["T"],
        "extra": [extra],
        "language": [language],
    }
