"""Admission, one session a token, takeover, and what is reported as removed."""

import pytest

from consoleproxy.errors import (
    AuthenticationRefused,
    ConsoleRefused,
    ProxyDraining,
    ProxyFull,
    SessionEndedByOperator,
    SessionIdle,
    SessionOccupied,
    SessionReplaced,
    SessionUsed,
)
from consoleproxy.session.ending import EndReason
from consoleproxy.session.registry import Registry, SecondViewer
from consoleproxy.session.returns import NO_CLAIM, Claim
from consoleproxy.session.session import Session
from tests.unit.session.sample import FakeStream, admitted, candidate, ignore, registry

LEFT = EndReason.VIEWER_LEFT


def test_a_token_is_good_for_one_session() -> None:
    sessions = registry()
    first = admitted(sessions, "a")
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a"), ignore)
    sessions.remove(first, cut=False, reason=LEFT, now=101.0)
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a", now=102.0), ignore)


def test_a_cut_session_comes_back_inside_its_window_only() -> None:
    sessions = registry(window=30.0)
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    assert sessions.may_return("a", "203.0.113.7", 140.0)
    assert not sessions.may_return("a", "203.0.113.7", 140.1)
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a", now=140.1), ignore)
    assert sessions.admit(candidate("a", now=139.0), ignore).uuid == "a"


def test_returns_that_fail_do_not_lengthen_the_window() -> None:
    sessions = registry(window=30.0)
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    sessions.remove(
        sessions.admit(candidate("a", now=125.0), ignore), cut=True, reason=LEFT, now=126.0
    )
    sessions.forget(sessions.admit(candidate("a", now=139.0), ignore), 139.5)
    assert sessions.may_return("a", "203.0.113.7", 140.0)
    assert not sessions.may_return("a", "203.0.113.7", 140.1)


def test_a_return_that_succeeded_opens_a_window_of_its_own() -> None:
    sessions = registry(window=30.0)
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    sessions.remove(admitted(sessions, "a", now=139.0), cut=True, reason=LEFT, now=150.0)
    assert sessions.may_return("a", "203.0.113.7", 180.0)


def test_a_session_that_comes_back_began_when_its_token_was_first_used() -> None:
    sessions = registry(window=30)
    first = admitted(sessions, "a", now=100)
    assert (first.created, first.began) == (100, 100)
    sessions.remove(first, cut=True, reason=EndReason.VIEWER_LOST, now=110)
    again = admitted(sessions, "a", now=120)
    assert (again.created, again.began) == (120, 100)
    sessions.remove(again, cut=True, reason=EndReason.VIEWER_LOST, now=130)
    assert admitted(sessions, "a", now=140).began == 100


def test_a_cut_session_comes_back_from_its_own_address_only() -> None:
    sessions = registry()
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a", client="198.51.100.1", now=111.0), ignore)


def test_a_session_that_came_back_is_not_reported_as_removed() -> None:
    sessions = registry()
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    assert sessions.removed() == {"a": LEFT}
    sessions.admit(candidate("a", now=111.0), ignore)
    assert sessions.removed() == {}


def test_a_forgotten_token_may_be_tried_again() -> None:
    sessions = registry()
    sessions.forget(sessions.admit(candidate("a"), ignore), 100.5)
    assert sessions.admit(candidate("a"), ignore).number == 2
    assert sessions.removed() == {}


def test_a_session_whose_answer_was_lost_is_reported() -> None:
    sessions = registry()
    session = sessions.admit(candidate("a"), ignore)
    session.asked = True
    sessions.forget(session, 100.5)
    assert sessions.removed() == {"a": EndReason.LOST}
    sessions.admit(candidate("a"), ignore)
    assert sessions.removed() == {}


def test_the_newer_viewer_replaces_the_older() -> None:
    sessions = registry(policy=SecondViewer.REPLACE)
    old, new = admitted(sessions, "a"), admitted(sessions, "b")
    sessions.take_over(new)
    assert isinstance(old.stream, FakeStream)
    assert old.stream.ended == [(4409, SessionReplaced.sentence)]
    assert new.ending is None
    assert sessions.viewers("vm-1") == [new]


def test_takeover_ends_an_older_viewer_that_still_logs_in() -> None:
    ended: list[ConsoleRefused] = []
    sessions = registry()
    sessions.admit(candidate("a"), ended.append)
    sessions.take_over(admitted(sessions, "b"))
    assert [type(refusal) for refusal in ended] == [SessionReplaced]


def test_who_does_not_know_the_password_pushes_nobody_out() -> None:
    sessions = registry()
    admitted(sessions, "a")
    with pytest.raises(SessionOccupied):
        sessions.admit(candidate("b", password="guessed"), ignore)
    assert [session.uuid for session in sessions] == ["a"]


def test_viewers_share_a_screen_where_the_policy_says_so() -> None:
    sessions = registry(policy=SecondViewer.SHARE)
    old, new = admitted(sessions, "a"), admitted(sessions, "b")
    sessions.take_over(new)
    assert old.ending is None
    assert sessions.viewers("vm-1") == [old, new]


def test_a_second_viewer_is_refused_where_the_policy_says_so() -> None:
    sessions = registry(policy=SecondViewer.REFUSE)
    old = admitted(sessions, "a")
    with pytest.raises(SessionOccupied):
        sessions.admit(candidate("b"), ignore)
    sessions.remove(old, cut=False, reason=LEFT, now=101.0)
    assert sessions.admit(candidate("b"), ignore).uuid == "b"


def test_capacity_counts_sessions_but_a_takeover_needs_no_room() -> None:
    sessions = registry(maximum=1)
    admitted(sessions, "a")
    with pytest.raises(ProxyFull):
        sessions.admit(candidate("b", vm="vm-2"), ignore)
    assert sessions.admit(candidate("c", vm="vm-1"), ignore).uuid == "c"


def test_a_refused_candidate_keeps_its_token() -> None:
    sessions = registry(maximum=1)
    first = admitted(sessions, "a")
    with pytest.raises(ProxyFull):
        sessions.admit(candidate("b", vm="vm-2"), ignore)
    sessions.remove(first, cut=False, reason=LEFT, now=101.0)
    assert sessions.admit(candidate("b", vm="vm-2"), ignore).uuid == "b"


def test_draining_takes_nobody() -> None:
    sessions = registry()
    sessions.draining = True
    with pytest.raises(ProxyDraining):
        sessions.admit(candidate("a"), ignore)


def test_removed_sessions_are_kept_until_acknowledged() -> None:
    sessions = registry()
    for uuid in ("a", "b"):
        sessions.remove(admitted(sessions, uuid, vm=uuid), cut=False, reason=LEFT, now=101.0)
    sessions.acknowledge(frozenset({"a", "never-heard-of"}))
    assert sessions.removed() == {"b": LEFT}


def test_a_session_that_the_cloud_never_allowed_is_not_reported() -> None:
    sessions = registry()
    sessions.remove(sessions.admit(candidate("a"), ignore), cut=False, reason=LEFT, now=101.0)
    assert sessions.removed() == {}


def test_the_first_reason_to_end_counts() -> None:
    sessions = registry()
    session = admitted(sessions, "a")
    sessions.end_all(ProxyDraining())
    session.end(SessionReplaced())
    assert isinstance(session.stream, FakeStream)
    assert session.stream.ended == [(1001, ProxyDraining.sentence)]


def test_a_session_that_left_while_the_cloud_was_asked_is_reported_as_removed() -> None:
    sessions = registry()
    session = sessions.admit(candidate("a"), ignore)
    session.asked = True
    sessions.remove(session, cut=True, reason=LEFT, now=101.0)
    assert sessions.removed() == {"a": LEFT}


def test_who_was_ended_does_not_come_back_however_the_connection_went() -> None:
    sessions = registry()
    session = admitted(sessions, "a")
    session.end(SessionIdle())
    sessions.remove(session, cut=True, reason=LEFT, now=101.0)
    assert sessions.removed() == {"a": EndReason.IDLE}
    assert not sessions.may_return("a", "203.0.113.7", 102.0)


def test_a_session_ended_for_good_is_told_why_and_reported() -> None:
    sessions = registry()
    session = admitted(sessions, "a")
    sessions.end("a", SessionEndedByOperator())
    assert isinstance(session.stream, FakeStream)
    assert session.stream.ended == [(4410, SessionEndedByOperator.sentence)]
    assert sessions.removed() == {}
    sessions.remove(session, cut=False, reason=LEFT, now=101.0)
    assert sessions.removed() == {"a": EndReason.OPERATOR}


def test_a_cut_session_ended_for_good_does_not_come_back() -> None:
    sessions = registry()
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    sessions.end("a", SessionEndedByOperator())
    assert not sessions.may_return("a", "203.0.113.7", 111.0)
    assert sessions.removed() == {"a": EndReason.OPERATOR}


def test_a_session_that_is_not_known_is_reported_and_never_admitted() -> None:
    sessions = registry()
    sessions.end("a", SessionEndedByOperator())
    assert sessions.removed() == {"a": EndReason.OPERATOR}
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a"), ignore)


_HERE, _ELSEWHERE = "203.0.113.7", "198.51.100.1"
_FIRST = Claim("tab-1", "", "one")
_BACK = Claim("tab-1", "one", "two")
_NO_COOKIES = Claim("tab-1", "", "two")


def _return(sessions: Registry, claim: Claim, **more: object) -> Session:
    """Come back as the proxy's admission does it: the secret first."""
    now = more.setdefault("now", 111.0)
    assert isinstance(now, float)
    sessions.recognise(claim, now)
    return sessions.admit(candidate("a", claim=claim, **more), ignore)  # type: ignore[arg-type]


def _cut(window: float = 30.0) -> Registry:
    sessions = registry(window=window)
    first = admitted(sessions, "a", claim=_FIRST)
    sessions.remove(first, cut=True, reason=LEFT, now=110.0)
    return sessions


def test_who_shows_the_secret_comes_back_from_anywhere_and_needs_no_token() -> None:
    sessions = _cut()
    known = sessions.recognise(_BACK, 111.0)
    assert known is not None
    assert (known.session_uuid, known.password) == ("a", "secret")
    assert _return(sessions, _BACK, client=_ELSEWHERE).return_until == 140.0


@pytest.mark.parametrize(
    ("claim", "client"),
    [
        (NO_CLAIM, _HERE),
        (Claim("tab-2", "", "x"), _HERE),
        (Claim("tab-2", "one", "x"), _HERE),
        (Claim("tab-1", "guessed", "x"), _ELSEWHERE),
        (_NO_COOKIES, _ELSEWHERE),
    ],
)
def test_anybody_else_with_the_old_link_is_refused(claim: Claim, client: str) -> None:
    sessions = _cut()
    with pytest.raises(SessionUsed):
        _return(sessions, claim, client=client)
    assert _return(sessions, _BACK).uuid == "a", "and its own viewer still comes back"


def test_a_tab_without_cookies_comes_back_with_its_token_from_its_address() -> None:
    assert _return(_cut(), _NO_COOKIES).uuid == "a"


def test_who_came_without_a_tab_does_not_come_back_with_one() -> None:
    sessions = registry()
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    with pytest.raises(SessionUsed):
        _return(sessions, _NO_COOKIES)


def test_a_secret_is_good_inside_the_window_only() -> None:
    sessions = _cut()
    assert sessions.recognise(_BACK, 140.1) is None
    with pytest.raises(SessionUsed):
        _return(sessions, _BACK, now=140.1)
    assert _return(_cut(window=0), _BACK, now=110.0), "at the very moment"
    with pytest.raises(SessionUsed):
        _return(_cut(window=0), _BACK)


@pytest.mark.parametrize(
    ("claim", "client"), [(_BACK, _ELSEWHERE), (_BACK, _HERE), (_NO_COOKIES, _HERE)]
)
def test_a_viewer_takes_its_own_session_over_that_still_looks_open(
    claim: Claim, client: str
) -> None:
    sessions = registry(maximum=1, policy=SecondViewer.REFUSE)
    old = admitted(sessions, "a", claim=_FIRST)
    new = _return(sessions, claim, client=client)
    assert isinstance(old.stream, FakeStream)
    assert old.stream.ended == [(4409, SessionReplaced.sentence)]
    assert (list(sessions), sessions.viewers("vm-1")) == ([new], [new])
    assert new.asked, "it is open in the management server's books"
    sessions.remove(old, cut=True, reason=LEFT, now=112.0)
    sessions.forget(old, 112.0)
    sessions.confirm(old)
    assert (list(sessions), sessions.removed()) == ([new], {})


@pytest.mark.parametrize("claim", [NO_CLAIM, Claim("tab-2", "one", "x"), Claim("tab-2", "", "x")])
def test_nobody_else_takes_an_open_session_over(claim: Claim) -> None:
    sessions = registry()
    old = admitted(sessions, "a", claim=_FIRST)
    with pytest.raises(SessionUsed):
        _return(sessions, claim)
    assert old.ending is None


def test_an_open_session_without_a_tab_is_not_taken_over() -> None:
    sessions = registry()
    admitted(sessions, "a")
    with pytest.raises(SessionUsed):
        sessions.admit(candidate("a", now=111.0), ignore)


def test_without_a_window_nothing_is_taken_over() -> None:
    sessions = registry(window=0)
    admitted(sessions, "a", claim=_FIRST)
    with pytest.raises(SessionUsed):
        _return(sessions, _BACK)


def test_who_is_being_ended_does_not_take_over() -> None:
    sessions = registry()
    admitted(sessions, "a", claim=_FIRST).end(SessionEndedByOperator())
    with pytest.raises(SessionUsed):
        _return(sessions, _BACK)


def test_a_takeover_that_led_nowhere_may_be_repeated_inside_the_window() -> None:
    sessions = registry()
    admitted(sessions, "a", claim=_FIRST)
    sessions.forget(_return(sessions, _BACK), 112.0)
    assert sessions.removed() == {"a": EndReason.LOST}
    sessions.remove(
        _return(sessions, Claim("tab-1", "two", "three"), now=113.0),
        cut=True,
        reason=LEFT,
        now=114.0,
    )
    assert sessions.recognise(Claim("tab-1", "three", "four"), 141.0)
    assert sessions.recognise(Claim("tab-1", "four", "five"), 141.1) is None


def test_a_session_that_ended_for_good_leaves_no_way_back() -> None:
    sessions = registry()
    sessions.remove(admitted(sessions, "a", claim=_FIRST), cut=False, reason=LEFT, now=110.0)
    assert sessions.recognise(_BACK, 110.0) is None
    ended = _cut()
    ended.end("a", SessionEndedByOperator())
    assert ended.recognise(_BACK, 111.0) is None


def test_the_endpoint_is_kept_no_longer_than_the_window() -> None:
    sessions = _cut()
    sessions.let_go("a", 140.0)
    assert sessions.recognise(_BACK, 139.0) is None


def test_a_secret_that_arrived_makes_the_one_before_useless() -> None:
    sessions = _cut()
    sessions.confirm(_return(sessions, _BACK))
    assert sessions.recognise(_BACK, 112.0) is None
    assert sessions.recognise(Claim("tab-1", "two", "three"), 112.0)


def test_who_was_refused_for_what_may_pass_comes_back_by_its_secret() -> None:
    sessions = registry(maximum=1)
    first = admitted(sessions, "b", vm="vm-2")
    with pytest.raises(ProxyFull):
        sessions.admit(candidate("a", claim=_FIRST), ignore)
    sessions.remove(first, cut=False, reason=LEFT, now=101.0)
    assert sessions.recognise(_BACK, 102.0)
    assert not sessions.may_return("a", _HERE, 102.0, _BACK), "its link was not used up"
    assert sessions.admit(candidate("a", claim=_BACK, now=102.0), ignore).return_until is None


def test_a_takeover_that_is_refused_leaves_the_session_and_its_way_back() -> None:
    sessions = registry()
    old = admitted(sessions, "a", claim=_FIRST)
    sessions.draining = True
    with pytest.raises(ProxyDraining):
        _return(sessions, _BACK)
    sessions.draining = False
    assert old.ending is None
    assert _return(sessions, Claim("tab-1", "two", "three"), now=500.0)


@pytest.mark.parametrize("late", [False, True])
def test_what_the_cloud_allowed_once_is_known_when_it_comes_back(late: bool) -> None:
    sessions = registry()
    first = admitted(sessions, "a", claim=_FIRST)
    assert not first.known
    if not late:
        sessions.answered("a", None)
        assert first.known
    sessions.remove(first, cut=True, reason=LEFT, now=110.0)
    if late:
        sessions.answered("a", None)
    back = _return(sessions, _BACK)
    assert back.known
    assert _return(sessions, Claim("tab-1", "two", "three")).known, "and when it is taken over"


def test_what_came_back_before_any_answer_is_not_known() -> None:
    sessions = _cut()
    back = _return(sessions, _BACK)
    assert not back.known
    sessions.answered("a", None)
    assert back.known
    sessions.answered("never heard of", None)
    assert not admitted(sessions, "never heard of", vm="vm-2").known


def test_who_was_refused_after_leaving_does_not_come_back() -> None:
    sessions = _cut()
    sessions.answered("a", AuthenticationRefused())
    assert sessions.recognise(_BACK, 111.0) is None
    for claim in (_BACK, _NO_COOKIES):
        with pytest.raises(SessionUsed):
            _return(sessions, claim)


def test_who_was_refused_does_not_come_back_however_the_connection_went() -> None:
    sessions = registry()
    first = admitted(sessions, "a", claim=_FIRST)
    sessions.answered("a", AuthenticationRefused())
    sessions.remove(first, cut=True, reason=LEFT, now=110.0)
    with pytest.raises(SessionUsed):
        _return(sessions, _BACK)
