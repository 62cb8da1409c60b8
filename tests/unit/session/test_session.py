"""Activity and timeline of one session."""

from consoleproxy.errors import SessionIdle
from consoleproxy.session.session import Timeline
from tests.unit.session.sample import FakeStream, admitted, candidate, ignore, registry


def test_activity_is_creation_until_bytes_flow() -> None:
    session = registry().admit(candidate("a", now=100.0), ignore)
    assert session.last_activity == 100.0
    session.stream = FakeStream(last_activity=107.5)
    assert session.last_activity == 107.5
    assert session.last_used_epoch() == session.created_epoch + 7.5


def test_no_password_in_what_a_log_would_print() -> None:
    assert "secret" not in repr(admitted(registry(), "a"))
    assert "secret" not in repr(candidate("a"))


def test_timeline_reads_as_a_line() -> None:
    timeline = Timeline(100.0)
    timeline.add("token", 100.001, "vm vm-1")
    timeline.add("dial", 100.02)
    assert str(timeline) == "token (vm vm-1) 1 ms, dial 20 ms"


def test_a_viewer_that_knows_keys_is_told_the_key_of_its_end() -> None:
    session = registry().admit(candidate("a"), ignore)
    stream = FakeStream()
    session.carry(stream, named_ends=True)
    session.end(SessionIdle())
    assert stream.ended == [(4408, f"idle: {SessionIdle.sentence}")]
