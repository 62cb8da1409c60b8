"""Cookies in and out: what a browser shows, and what it is given."""

import hashlib
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.console.exchange import Exchange, crowd_of, exchange
from consoleproxy.session.returns import NO_CLAIM

_TAB = "Kx3vP0_uQ-8mZt5aW1cR9g"
_TABS = st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True)
_SECRETS = st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(header: str, tab: str = _TAB) -> Exchange:
    return exchange(tab, header, tls=False, framed=False)


def _given(done: Exchange) -> tuple[str, str]:
    """Return name and value of the cookie that is set."""
    name, _, rest = done.set_cookies[0].partition("=")
    return name, rest.partition(";")[0]


def test_who_names_no_tab_is_given_nothing() -> None:
    assert exchange("", f"consoleproxy-{_TAB}=x", tls=True, framed=True) == Exchange(NO_CLAIM, ())


def test_a_first_use_shows_nothing_and_is_given_a_secret() -> None:
    done = _plain("")
    name, secret = _given(done)
    assert name == f"consoleproxy-{_TAB}"
    assert len(secret) >= 43, "256 bits"
    assert (done.claim.tab, done.claim.shown) == (_digest(_TAB), "")
    assert done.claim.given == _digest(secret)


def test_each_use_is_given_another_one() -> None:
    assert len({_given(_plain("")) for _ in range(50)}) == 50


@given(_TABS, _SECRETS, st.lists(st.tuples(_TABS, _SECRETS), max_size=5))
def test_the_tab_s_own_cookie_is_what_it_shows(
    tab: str, secret: str, others: list[tuple[str, str]]
) -> None:
    all_of_them = [*((name, value) for name, value in others if name != tab), (tab, secret)]
    header = "; ".join(f"consoleproxy-{name}={value}" for name, value in all_of_them)
    assert _plain(header, tab).claim.shown == _digest(secret)
    assert _plain(f"theme=dark; {header}; a=b", tab).claim.shown == _digest(secret)


@given(_TABS, st.text(max_size=200))
def test_any_header_is_read(tab: str, header: str) -> None:
    done = _plain(header, tab)
    assert done.claim.tab == _digest(tab)
    assert len(done.set_cookies) == 1
    assert all(character.isprintable() for line in done.set_cookies for character in line)


def test_what_other_tabs_of_the_browser_show_is_told_beside() -> None:
    done = _plain("; ".join(f"consoleproxy-{number:022}=s{number}" for number in range(30)))
    assert done.claim.others == tuple(
        (_digest(f"{number:022}"), _digest(f"s{number}")) for number in range(7, 30)
    )
    assert _plain(f"consoleproxy-{_TAB}=x").claim.others == ()
    twice = f"consoleproxy-{'a' * 22}=x; consoleproxy-{'a' * 22}=y"
    assert _plain(twice).claim.others == ()


@given(_SECRETS, _SECRETS)
def test_of_two_by_one_name_none_counts(one: str, other: str) -> None:
    name = f"consoleproxy-{_TAB}"
    assert _plain(f"{name}={one}; {name}={other}").claim.shown == ""


@pytest.mark.parametrize(
    "header",
    [
        f"consoleproxy-{_TAB}=",
        f"consoleproxy-{_TAB}",
        f"Consoleproxy-{_TAB}=secret",
        f"xconsoleproxy-{_TAB}=secret",
        f"consoleproxy-{_TAB}x=secret",
        f"consoleproxy-{_TAB} =secret",
        f"a=consoleproxy-{_TAB}=secret",
        f"consoleproxy-{_TAB}=two words",
    ],
)
def test_what_is_not_quite_its_cookie_is_not_shown(header: str) -> None:
    assert _plain(header).claim.shown == ""


@pytest.mark.parametrize(
    ("tls", "framed", "attributes"),
    [
        (False, False, "Path=/websockify; HttpOnly; SameSite=Strict"),
        (False, True, "Path=/websockify; HttpOnly; SameSite=Strict"),
        (True, False, "Path=/websockify; HttpOnly; Secure; SameSite=Strict"),
        (True, True, "Path=/websockify; HttpOnly; Secure; SameSite=None; Partitioned"),
    ],
)
def test_how_far_the_cookie_goes(tls: bool, framed: bool, attributes: str) -> None:
    (line,) = exchange(_TAB, "", tls=tls, framed=framed).set_cookies
    assert line.partition("; ")[2] == attributes
    (cookie,) = SimpleCookie(line.removesuffix("; Partitioned")).values()
    assert (cookie["path"], cookie["httponly"]) == ("/websockify", True)


def test_the_oldest_of_too_many_are_thrown_away() -> None:
    names = [f"{number:022}" for number in range(30)]
    header = "; ".join(f"consoleproxy-{name}=x" for name in [*names, _TAB])
    done = _plain(header)
    gone = [line.partition("=")[0] for line in done.set_cookies[1:]]
    assert gone == [f"consoleproxy-{name}" for name in names[:7]]
    assert all("Max-Age=0" in line and "Path=/websockify" in line for line in done.set_cookies[1:])
    assert done.claim.shown == _digest("x")
    assert len(_plain("; ".join(f"consoleproxy-{name}=x" for name in names[:23])).set_cookies) == 1


def test_those_of_consoles_that_are_there_go_last() -> None:
    names = [f"{number:022}" for number in range(30)]
    header = "; ".join(f"consoleproxy-{name}=x" for name in [*names, _TAB])
    crowd = crowd_of(_TAB, header)
    assert crowd == {_digest(name) for name in names}
    known = {_digest(name) for name in names[:5]}
    done = exchange(_TAB, header, tls=False, framed=False, known=known)
    gone = [line.partition("=")[0] for line in done.set_cookies[1:]]
    assert gone == [f"consoleproxy-{name}" for name in names[5:12]]
    assert known <= {tab for tab, _ in done.claim.others}
    all_known = exchange(_TAB, header, tls=False, framed=False, known=crowd)
    assert all_known.set_cookies[1:] == _plain(header).set_cookies[1:], "there is a limit"


def test_few_are_no_crowd() -> None:
    names = [f"{number:022}" for number in range(24)]
    few = "; ".join(f"consoleproxy-{name}=x" for name in [*names[:23], _TAB])
    assert crowd_of(_TAB, few) == frozenset()
    assert crowd_of("", few) == frozenset()
    assert crowd_of(names[0], few) == frozenset(), "the tab itself is none of the others"
    assert len(crowd_of(_TAB, f"{few}; consoleproxy-{names[23]}=x")) == 24
    flood = "; ".join(f"consoleproxy-{number:016}=x" for number in range(2000))
    assert len(crowd_of(_TAB, flood)) == 200


def test_a_flood_of_cookies_makes_no_flood_of_headers() -> None:
    """Somebody who may set cookies for this name has set all that a browser keeps for one site."""
    names = [f"{number:064}" for number in range(180)]
    done = exchange(
        _TAB, "; ".join(f"consoleproxy-{name}=x" for name in names), tls=True, framed=True
    )
    gone = [line.partition("=")[0] for line in done.set_cookies[1:]]
    assert gone == [f"consoleproxy-{name}" for name in names[:8]]
    assert len("\r\n".join(f"Set-Cookie: {line}" for line in done.set_cookies)) < 2048
    assert len(done.claim.others) == 23


def test_nothing_secret_is_printed() -> None:
    done = _plain(f"consoleproxy-{_TAB}=shown")
    assert _given(done)[1] not in repr(done)
    assert done.claim.given not in repr(done)
    assert _TAB not in repr(done)
