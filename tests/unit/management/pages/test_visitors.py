import base64

import pytest

from consoleproxy.management.pages.visitors import PageRules, is_loopback, is_same_origin

OPEN = PageRules("")
LOCKED = PageRules("pägekey")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.0.0.53", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("", False),
        ("192.0.2.1", False),
        ("management.example.org", False),
    ],
)
def test_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8088", True),
        ("LOCALHOST:8088", True),
        ("[::1]:8088", True),
        ("evil.example", False),
        ("evil.example:8088", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:8088", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_names_that_the_page_answers_to(host: str, expected: bool) -> None:
    assert OPEN.host_allowed(host) is expected
    assert LOCKED.host_allowed(host)


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (basic("anyone:pägekey"), True),
        (basic(":pägekey").replace("Basic", "bAsIc"), True),
        (basic("anyone:wrong"), False),
        (basic("pägekey"), False),
        (basic("anyone:"), False),
        ("Basic !!!", False),
        ("Basic ü", False),
        ("Bearer x", False),
        ("", False),
    ],
)
def test_page_key(header: str, expected: bool) -> None:
    assert LOCKED.key_allowed(header) is expected
    assert OPEN.key_allowed(header)


@pytest.mark.parametrize(
    ("origin", "fetch_site", "expected"),
    [
        ("http://localhost:8088", "same-origin", True),
        ("http://localhost:8088", "", True),
        ("http://LOCALHOST:8088", "", True),
        ("http://localhost:8088", "cross-site", False),
        ("http://localhost:8088", "same-site", False),
        ("http://localhost:9999", "", False),
        ("http://evil.example", "", False),
        ("null", "", False),
        ("", "same-origin", False),
        ("", "", False),
    ],
)
def test_forms_from_our_own_page(origin: str, fetch_site: str, expected: bool) -> None:
    assert is_same_origin("localhost:8088", origin, fetch_site) is expected
