from dataclasses import replace

from consoleproxy.management.pages.session_rows import SessionRow
from consoleproxy.management.records.sessions import ConsoleSession
from consoleproxy.session.ending import EndReason
from tests.unit.management.world import INVENTORY, START, WEB

_OPEN = ConsoleSession(
    uuid="870ed27a-4852-4fb3-a37d-c4c10a1d202f",
    created=START,
    account="admin",
    vm_uuid=WEB.uuid,
    proxy="cpvm-1",
    creator_address="203.0.113.4",
    client_address="203.0.113.7",
    acquired=START + 5,
)


def test_open_session() -> None:
    row = SessionRow.of(_OPEN, INVENTORY, START + 125)
    assert (row.machine, row.client, row.live) == ("web01", "203.0.113.7", True)
    assert (row.since, row.lasted) == ("2026-01-01 00:00:05 UTC", "2 min 0 s")


def test_session_that_is_over() -> None:
    row = SessionRow.of(replace(_OPEN, removed=START + 15), INVENTORY, START + 9999)
    assert (row.live, row.lasted, row.ended) == (False, "10 s", "over")


def test_every_end_has_its_words() -> None:
    def words(reason: str) -> str:
        over = replace(_OPEN, removed=START + 15, end_reason=reason)
        return SessionRow.of(over, INVENTORY, START).ended

    assert len({words(reason) for reason in EndReason}) == len(EndReason)
    assert words("operator") == "ended by an operator"
    assert words("of-a-newer-version") == "of-a-newer-version"


def test_vm_that_is_gone() -> None:
    gone = "33333333-2222-4333-8444-555555555555"
    assert SessionRow.of(replace(_OPEN, vm_uuid=gone), INVENTORY, START).machine == gone
