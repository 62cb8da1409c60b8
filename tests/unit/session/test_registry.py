"""Admission, one session a token, takeover, and what is reported as removed."""

import pytest

from consoleproxy.errors import (
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
from consoleproxy.session.registry import SecondViewer
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
    sessions.forget(sessions.admit(candidate("a", now=139.0), ignore))
    assert sessions.may_return("a", "203.0.113.7", 140.0)
    assert not sessions.may_return("a", "203.0.113.7", 140.1)


def test_a_return_that_succeeded_opens_a_window_of_its_own() -> None:
    sessions = registry(window=30.0)
    sessions.remove(admitted(sessions, "a"), cut=True, reason=LEFT, now=110.0)
    sessions.remove(admitted(sessions, "a", now=139.0), cut=True, reason=LEFT, now=150.0)
    assert sessions.may_return("a", "203.0.113.7", 180.0)


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
    sessions.forget(sessions.admit(candidate("a"), ignore))
    assert sessions.admit(candidate("a"), ignore).number == 2
    assert sessions.removed() == {}


def test_a_session_whose_answer_was_lost_is_reported() -> None:
    sessions = registry()
    session = sessions.admit(candidate("a"), ignore)
    session.asked = True
    sessions.forget(session)
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
