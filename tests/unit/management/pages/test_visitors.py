import base64

import pytest

from consoleproxy.management.pages.visitors import (
    Verdict,
    Visitors,
    basic_password,
    is_same_origin,
)

OPEN = Visitors("secret", "")
LOCKED = Visitors("secret", "pägekey")


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
        (basic("anyone:pägekey"), "pägekey".encode()),
        (basic(":pägekey").replace("Basic", "bAsIc"), "pägekey".encode()),
        (basic("anyone:with:colon"), b"with:colon"),
        (basic("anyone:"), b""),
        (basic("pägekey"), None),
        ("Basic !!!", None),
        ("Basic ü", None),
        ("Bearer x", None),
        ("", None),
    ],
)
def test_password_of_a_header(header: str, expected: bytes | None) -> None:
    assert basic_password(header) == expected


def test_page_key() -> None:
    visitors = Visitors("secret", "pägekey")
    assert visitors.show_key("pägekey".encode(), "192.0.2.1", 0.0) is Verdict.WELCOME
    assert visitors.show_key(b"", "192.0.2.1", 0.0) is Verdict.WRONG
    assert "pägekey" not in repr(visitors)


def test_without_a_key_none_is_right() -> None:
    assert Visitors("secret", "").show_key(b"", "192.0.2.1", 0.0) is Verdict.WRONG


def test_too_many_wrong_keys() -> None:
    visitors = Visitors("secret", "pägekey")
    for _ in range(10):
        assert visitors.show_key(b"guess", "192.0.2.1", 0.0) is Verdict.WRONG
    assert visitors.show_key("pägekey".encode(), "192.0.2.1", 0.0) is Verdict.WAIT
    assert visitors.seconds_to_wait("192.0.2.1", 0.5) == 30
    assert visitors.show_key("pägekey".encode(), "192.0.2.2", 0.0) is Verdict.WELCOME
    assert visitors.show_key("pägekey".encode(), "192.0.2.1", 30.0) is Verdict.WELCOME


def test_login_is_good_for_its_own_visitors_only() -> None:
    login = LOCKED.logins.make(0.0)
    assert LOCKED.logins.read(login, 1.0) is not None
    assert Visitors("secret", "another").logins.read(login, 1.0) is None


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
