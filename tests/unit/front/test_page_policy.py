"""What the page may do, by the proxy's settings and by what its browser sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.page_policy import PagePolicy, parse_ancestors
from consoleproxy.front.source import Outside

_POLICY = PagePolicy("sha256-one=", "sha256-two=")
_PLAIN = Outside("http", "127.0.0.1:8080")
_TLS = Outside("https", "Proxy.Example.org:8443")


def _directives(outside: Outside = _TLS, entrance: Entrance | None = None) -> dict[str, str]:
    policy = _POLICY.headers(outside, entrance or Entrance())["Content-Security-Policy"]
    pairs = (directive.partition(" ") for directive in policy.split("; "))
    return {name: rest for name, _, rest in pairs}


def test_nothing_is_allowed_but_what_a_console_needs() -> None:
    assert _directives() == {
        "default-src": "'none'",
        "script-src": "'self' 'sha256-one='",
        "style-src": "'sha256-two='",
        "img-src": "data: blob:",
        "connect-src": "'self' wss://proxy.example.org:*",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def _connects(outside: Outside = _TLS, entrance: Entrance | None = None) -> str:
    return _directives(outside, entrance)["connect-src"]


def test_websockets_go_where_consoles_may_be_opened() -> None:
    assert _connects(_PLAIN) == "'self' ws://127.0.0.1:* wss://127.0.0.1:*"
    own = frozenset({"203.0.113.7", "console.example.org", "2001:db8::7"})
    assert _connects(entrance=Entrance(own_hosts=own)) == (
        "'self' wss://203.0.113.7:* wss://console.example.org:* wss://proxy.example.org:*"
    )
    portals = frozenset({"https://portal.example.org:8443", "https://[2001:db8::7]:443"})
    assert _connects(entrance=Entrance(allowed_origins=portals)) == (
        "'self' wss://portal.example.org:* wss://proxy.example.org:*"
    )


@pytest.mark.parametrize("host", ["[2001:db8::7]:8443", "a_b.example.org", "a;b", "", "a b", "ü"])
def test_a_host_that_no_policy_can_name_is_not_narrowed_to(host: str) -> None:
    assert _connects(Outside("https", host)) == "'self' ws: wss:"


def test_whoever_lets_all_pages_open_consoles_lets_this_one_too() -> None:
    entrance = Entrance(allowed_origins=frozenset({"*"}))
    assert _connects(entrance=entrance) == "'self' ws: wss:"


@given(st.text(max_size=60), st.sampled_from(["http", "https"]))
def test_no_host_adds_a_directive(host: str, scheme: str) -> None:
    headers = _POLICY.headers(Outside(scheme, host), Entrance())
    assert headers["Content-Security-Policy"].count(";") == 9
    assert all(value.isascii() and value.isprintable() for value in headers.values())


@pytest.mark.parametrize(
    ("sites", "ancestors"),
    [
        (frozenset(), "'self'"),
        (
            frozenset({"https://portal.example.org:443", "https://cloud.example.org:8443"}),
            "'self' https://cloud.example.org:8443 https://portal.example.org:443",
        ),
        (frozenset({"*"}), "*"),
        (frozenset({"*", "https://portal.example.org:443"}), "*"),
    ],
)
def test_frames_are_the_operator_s_to_allow(sites: frozenset[str], ancestors: str) -> None:
    entrance = Entrance(frame_ancestors=sites)
    assert _directives(entrance=entrance)["frame-ancestors"] == ancestors
    older = _POLICY.headers(_TLS, entrance).get("X-Frame-Options")
    assert older == (None if sites else "SAMEORIGIN"), "it does not say otherwise"


def test_a_site_that_no_policy_can_name_is_not_taken() -> None:
    named = parse_ancestors("https://portal.example.org http://192.0.2.7:8090 *", "setting")
    assert named == {"https://portal.example.org:443", "http://192.0.2.7:8090", "*"}
    with pytest.raises(SettingsInvalid) as refused:
        parse_ancestors("https://[2001:db8::7] https://portal.example.org", "setting")
    assert refused.value.problems == (
        "setting: browsers cannot be told of https://[2001:db8::7]:443: "
        "write a name for the IPv6 address",
    )
    with pytest.raises(SettingsInvalid, match="is not an origin"):
        parse_ancestors("portal.example.org", "setting")


def test_the_page_has_no_camera() -> None:
    permissions = _POLICY.headers(_TLS, Entrance())["Permissions-Policy"].split(", ")
    assert "camera=()" in permissions
    assert all(each.endswith("=()") for each in permissions)
    assert not {"fullscreen=()", "clipboard-read=()", "clipboard-write=()"} & set(permissions)
