from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.origin import origin_allowed, parse_origins
from consoleproxy.front.source import Outside

_SETTING = "consoleproxy.allowed.origins"
_OWN = frozenset({"console.example.org", "203.0.113.7", "2001:db8::7"})
_OUTSIDE = Outside("https", "balancer.example.org:8443")
_PORTAL = "https://portal.example.org"
_ODD = "evil.example#@:/?\\[]% \t\r\n\x00.-_consolerg0" + "\u3002\uff0e\uff0f\xad"


def _allowed(origin: str | None, allowed: str = "", host: str = _OUTSIDE.host) -> bool:
    return origin_allowed(origin, Outside("https", host), _OWN, parse_origins(allowed, _SETTING))


def test_who_says_nothing_is_no_browser() -> None:
    assert _allowed(None)


@pytest.mark.parametrize(
    "origin",
    [
        "https://balancer.example.org",
        "http://balancer.example.org",
        "https://balancer.example.org:8443",
        "https://balancer.example.org:1",
        "https://BALANCER.example.ORG",
        "HTTPS://balancer.example.org.",
        "https://console.example.org",
        "http://console.example.org:8080",
        "http://203.0.113.7:8080",
        "https://[2001:db8::7]:8443",
        "https://[2001:DB8:0:0::7]",
    ],
)
def test_own_pages(origin: str) -> None:
    assert _allowed(origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("[2001:db8::9]:8080", "http://[2001:db8:0::9]"),
        ("[2001:db8::9]", "http://[2001:db8::9]:8443"),
        ("xn--bro-hoa.example.org", "https://XN--bro-hoa.example.org"),
        ("name.example.org.:8443", "https://name.example.org"),
        ("a_b.example.org", "https://a_b.example.org"),
    ],
)
def test_spellings_of_the_same_host(host: str, origin: str) -> None:
    assert _allowed(origin, host=host)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://",
        "https://evil.example",
        "https://evil.example#balancer.example.org",
        "https://evil.example/balancer.example.org",
        "https://evil.example?balancer.example.org",
        "https://evil.example\\balancer.example.org",
        "https://evil.example\\@balancer.example.org",
        "https://balancer.example.org@evil.example",
        "https://evil.example@balancer.example.org",
        "https://balancer.example.org:443@evil.example",
        "https://balancer.example.org.evil.example",
        "https://evil-balancer.example.org",
        "https://balancer.example.org..",
        "https://.balancer.example.org",
        "https://balancer.example.org:",
        "https://balancer.example.org:port",
        "https://balancer.example.org:443:443",
        "https://balancer.example.org/",
        "https://balancer.example.org ",
        " https://balancer.example.org",
        "https://balancer.example.org\n",
        "https:balancer.example.org",
        "https:/balancer.example.org",
        "https:///balancer.example.org",
        "//balancer.example.org",
        "balancer.example.org",
        "https://balancer.example.org, https://evil.example",
        "https://evil.example, https://balancer.example.org",
        "https://balancer.example.org https://evil.example",
        "https://balancer%2eexample.org",
        "https://balancer\u3002example.org",
        "https://b\u0430lancer.example.org",
        "chrome-extension://balancer.example.org",
        "file://balancer.example.org",
        "https://2001:db8::7",
        "https://[2001:db8::7",
        "https://[2001:db8::7%25eth0]",
        "https://[203.0.113.7]",
    ],
)
def test_others(origin: str) -> None:
    assert not _allowed(origin)
    assert not _allowed(origin, _PORTAL)


@pytest.mark.parametrize("host", ["", "evil.example, x", "[::1", "a@b", "x/y", "[evil.example]"])
def test_a_host_that_is_none_is_nobody_s(host: str) -> None:
    for origin in (f"https://{host}", "https://", "https://evil.example", "https://."):
        assert not _allowed(origin, host=host)


def test_no_own_host_is_no_wildcard() -> None:
    none = Outside("https", "")
    for origin in ("https://.", "https://", "null", "https://[]", "https://[::zz]"):
        assert not origin_allowed(origin, none, frozenset({"", ".", "[]"}), frozenset())


class TestAllowedOrigins:
    @pytest.mark.parametrize(
        "origin", [_PORTAL, "https://portal.example.org:443", "HTTPS://PORTAL.example.org."]
    )
    def test_all_spellings_of_one(self, origin: str) -> None:
        assert _allowed(origin, _PORTAL)
        assert _allowed(_PORTAL, origin)
        assert not _allowed(origin)

    @pytest.mark.parametrize(
        "origin",
        ["http://portal.example.org", "https://portal.example.org:8443", "https://example.org"],
    )
    def test_scheme_port_and_host_all_count(self, origin: str) -> None:
        assert not _allowed(origin, _PORTAL)

    def test_several(self) -> None:
        several = f"{_PORTAL}, http://[2001:DB8::9]:80\napp://console"
        for origin in (_PORTAL, "http://[2001:db8::9]", "app://console"):
            assert _allowed(origin, several)

    @pytest.mark.parametrize("origin", ["null", "https://evil.example", "file://", "whatever"])
    def test_any(self, origin: str) -> None:
        assert _allowed(origin, "*")
        assert _allowed(origin, f"{_PORTAL} *")

    def test_all_mistakes_at_once(self) -> None:
        mistakes = "portal.example.org https://*.example.org https://a/ https://a:b null"
        with pytest.raises(SettingsInvalid) as raised:
            parse_origins(f"{mistakes} {_PORTAL}", _SETTING)
        assert len(raised.value.problems) == 5
        for problem, entry in zip(raised.value.problems, mistakes.split(), strict=True):
            assert problem.startswith(f"consoleproxy.allowed.origins: {entry!r} is not an origin")

    @given(st.text(max_size=40) | st.text(_ODD, max_size=40))
    def test_any_text(self, text: str) -> None:
        try:
            origins = parse_origins(text, _SETTING)
        except SettingsInvalid:
            return
        assert parse_origins(" ".join(origins), _SETTING) == origins


@given(
    st.sampled_from(["https://", "http://", "", "//", "https:", "javascript:"]),
    st.text(_ODD, max_size=12) | st.text(max_size=12),
    st.sampled_from(["balancer.example.org", "console.example.org", "203.0.113.7", ""]),
    st.text(_ODD, max_size=12) | st.text(max_size=12),
)
def test_nothing_but_the_host_itself(scheme: str, before: str, host: str, behind: str) -> None:
    origin = f"{scheme}{before}{host}{behind}"
    if _allowed(origin):
        # Read by another parser, it is one of our own, and nothing stands around it.
        parts = urlsplit(origin)
        assert (parts.hostname or "").removesuffix(".") in {"balancer.example.org", *_OWN}
        assert parts.username is None
        assert parts.path == parts.query == parts.fragment == ""
        assert origin.isascii()
