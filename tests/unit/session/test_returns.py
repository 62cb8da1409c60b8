"""Secrets by which tabs come back: exchanged at each use, and good for one session's time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.session.returns import NO_CLAIM, Claim, WaysBack
from tests.unit.session.sample import endpoint

_FIRST = Claim("tab-1", "", "one")
_A = endpoint("a")


def _ways(until: float | None = None) -> WaysBack:
    ways = WaysBack()
    ways.keep(_FIRST, _A, until)
    return ways


def _shows(secret: str, given_now: str = "next") -> Claim:
    return Claim("tab-1", secret, given_now)


def test_the_secret_that_was_given_leads_back() -> None:
    assert _ways().find(_shows("one"), 100.0) == _A


@pytest.mark.parametrize(
    "claim",
    [
        NO_CLAIM,
        _shows(""),
        _shows("guessed"),
        _shows("on"),
        Claim("tab-2", "one", "next"),
        Claim("", "one", "next"),
    ],
    ids=repr,
)
def test_nothing_else_does(claim: Claim) -> None:
    ways = _ways()
    assert ways.find(claim, 100.0) is None
    assert not ways.proven("a", claim, 100.0)
    assert ways.find(_shows("one"), 100.0) == _A


def test_a_secret_is_good_until_the_next_one_has_arrived() -> None:
    ways = _ways()
    assert ways.find(_shows("one", "two"), 100.0)
    assert ways.find(_shows("one", "three"), 101.0), "the answer with the second one was lost"
    assert ways.find(_shows("two", "four"), 102.0) is None, "it was given to nobody"
    ways.confirm("a")
    assert ways.find(_shows("one", "five"), 103.0) is None
    assert ways.find(_shows("three", "six"), 104.0)


def test_a_secret_that_was_used_is_good_no_more_once_its_follower_is() -> None:
    ways = _ways()
    ways.find(_shows("one", "two"), 100.0)
    ways.find(_shows("two", "three"), 101.0)
    assert ways.find(_shows("one", "four"), 102.0) is None


def test_a_way_back_has_its_time() -> None:
    ways = _ways()
    ways.limit("a", 130.0)
    assert ways.proven("a", _shows("one"), 130.0)
    assert not ways.proven("a", _shows("one"), 130.1)
    assert ways.find(_shows("one"), 130.1) is None
    assert ways.let_go("a", 120.0) == 10.0
    assert len(ways) == 1
    assert ways.let_go("a", 130.0) == 0.0
    assert len(ways) == 0
    assert ways.let_go("a", 131.0) == 0.0


def test_the_way_of_an_open_session_is_not_let_go() -> None:
    ways = _ways()
    assert ways.let_go("a", 1e9) == 0.0
    assert ways.find(_shows("one"), 1e9) == _A


def test_a_secret_proves_its_own_session_only() -> None:
    ways = _ways()
    ways.keep(Claim("tab-2", "", "other"), endpoint("b"), None)
    assert ways.proven("a", _shows("one"), 100.0)
    assert not ways.proven("b", _shows("one"), 100.0)


def test_another_tab_of_the_same_browser_proves_it_by_what_it_shows_beside() -> None:
    ways = _ways()
    link = Claim("tab-2", "", "other", (("tab-0", "x"), ("tab-1", "one")))
    assert ways.proven("a", link, 100.0)
    assert ways.find(link, 100.0) is None, "its link says for which session"
    for others in ((), (("tab-1", "guessed"),), (("tab-2", "one"),), (("", "one"),)):
        assert not ways.proven("a", replace(link, others=others), 100.0)
    assert not ways.proven("b", replace(link, others=(("", ""),)), 100.0)
    ways.keep(link, _A, None)
    assert ways.find(_shows("one"), 100.0) is None, "it is the other tab's now"
    assert ways.find(Claim("tab-2", "other", "next"), 100.0) == _A


def test_a_session_is_one_tab_s() -> None:
    ways = _ways()
    assert ways.same_tab("a", _FIRST)
    assert not ways.same_tab("a", NO_CLAIM)
    assert not ways.same_tab("a", Claim("tab-2"))
    assert not ways.same_tab("b", _FIRST)
    assert ways.same_tab("b", NO_CLAIM), "no tab has it"
    ways.keep(Claim("tab-2", "", "other"), _A, None)
    assert ways.find(_shows("one"), 100.0) is None
    assert not ways.same_tab("a", _FIRST)
    ways.keep(NO_CLAIM, _A, None)
    assert len(ways) == 0


def test_a_tab_has_one_session() -> None:
    ways = _ways()
    ways.keep(replace(_FIRST, given="fresh"), endpoint("b"), None)
    assert not ways.same_tab("a", _FIRST)
    assert ways.find(_shows("one"), 100.0) is None
    assert ways.find(_shows("fresh"), 100.0) == endpoint("b")


def test_what_is_closed_is_forgotten() -> None:
    ways = _ways()
    ways.close("a")
    ways.close("never heard of")
    ways.confirm("a")
    ways.limit("a", 1.0)
    ways.let_go("a", 1.0)
    assert len(ways) == 0
    assert ways.find(_shows("one"), 100.0) is None


def test_nothing_secret_is_printed() -> None:
    ways = _ways()
    assert "one" not in repr(_FIRST)
    assert "secret" not in repr(vars(ways))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=20))
def test_an_honest_browser_always_finds_back_and_what_it_gave_up_never_does(
    uses: list[tuple[bool, bool, bool]],
) -> None:
    """It shows what it has; an answer arrives or is lost, and the pong behind it, too."""
    ways, has, spent = _ways(), "one", set[str]()
    for number, (arrives, alive, retried) in enumerate(uses):
        given_now = f"secret-{number}"
        assert ways.find(_shows(has, given_now), 100.0) == _A
        ways.keep(_shows(has, given_now), _A, None)
        if arrives:
            shown, has = has, given_now
            if alive:
                ways.confirm("a")
                spent.add(shown)
        if retried:
            for old in spent - {has}:
                assert ways.find(_shows(old, "thief's"), 100.0) is None


def test_it_is_known_which_tabs_have_one() -> None:
    ways = _ways()
    assert ways.of_tabs(["tab-0", "tab-1"]) == {"tab-1"}
    ways.close("a")
    assert ways.of_tabs(["tab-0", "tab-1"]) == frozenset()
