"""The load report as CloudStack's management server reads it."""

import json

from consoleproxy.session.load import load_report
from tests.unit.session.sample import FakeStream, admitted, candidate, ignore, registry


def test_report_has_cloudstacks_names_and_milliseconds() -> None:
    sessions = registry()
    session = admitted(sessions, "uuid-a", now=100.0)
    session.stream = FakeStream(last_activity=105.0)
    assert json.loads(load_report(sessions, ["uuid-z"])) == {
        "connections": [
            {
                "id": 1,
                "clientInfo": "",
                "host": "10.1.1.20",
                "port": 5901,
                "tag": "vm-1",
                "createTime": 1_767_225_700_000,
                "lastUsedTime": 1_767_225_705_000,
                "sessionUuid": "uuid-a",
            }
        ],
        "removedSessions": ["uuid-z"],
    }


def test_report_without_sessions_is_still_a_report() -> None:
    assert json.loads(load_report([], [])) == {"connections": [], "removedSessions": []}


def test_getstatus_has_no_removed_sessions() -> None:
    assert json.loads(load_report([], None)) == {"connections": []}


def test_a_session_that_is_not_authenticated_is_not_counted() -> None:
    sessions = registry()
    sessions.admit(candidate("a"), ignore)
    assert json.loads(load_report(sessions, []))["connections"] == []
