from dataclasses import dataclass, replace

import pytest

from consoleproxy.endpoint.ticket import gen_ticket, ticket_valid
from tests.unit.endpoint.samples import ENDPOINT

HASH_KEY = "ICEiIyQlJicoKSorLC0uLw"
MINUTE = 29_453_760


@dataclass(frozen=True, slots=True)
class Parts:
    host: str = ENDPOINT.host
    port: int = ENDPOINT.port
    password: str = ENDPOINT.password
    vm_uuid: str = ENDPOINT.vm_uuid
    session_uuid: str = ENDPOINT.session_uuid
    hash_key: str = HASH_KEY

    def ticket(self, minute: int = MINUTE) -> str:
        return gen_ticket(*self._parts(), self.hash_key, minute)

    def valid(self, ticket: str, now: float = MINUTE * 60) -> bool:
        return ticket_valid(ticket, *self._parts(), self.hash_key, now)

    def _parts(self) -> tuple[str, int, str, str, str]:
        return self.host, self.port, self.password, self.vm_uuid, self.session_uuid


def test_the_worked_example() -> None:
    assert Parts().ticket() == ENDPOINT.ticket


@pytest.mark.parametrize(
    ("now", "valid"),
    [
        (MINUTE * 60 - 0.001, False),
        (MINUTE * 60, True),
        (MINUTE * 60 + 119.999, True),
        (MINUTE * 60 + 120, False),
    ],
)
def test_life_of_a_ticket(now: float, valid: bool) -> None:
    assert Parts().valid(ENDPOINT.ticket, now) is valid


@pytest.mark.parametrize(
    "other",
    [
        replace(Parts(), host="192.168.122.11"),
        replace(Parts(), port=5902),
        replace(Parts(), password=""),
        replace(Parts(), vm_uuid="x"),
        replace(Parts(), session_uuid="x"),
        replace(Parts(), hash_key="x"),
    ],
)
def test_a_ticket_is_of_its_parts(other: Parts) -> None:
    assert not other.valid(ENDPOINT.ticket)


@pytest.mark.parametrize("ticket", ["", "x", "é", "\ud800", ENDPOINT.ticket[:-1]])
def test_what_is_no_ticket(ticket: str) -> None:
    assert not Parts().valid(ticket)


def test_missing_parts_are_null() -> None:
    missing = replace(Parts(), host="", password="")
    assert missing.ticket() == replace(Parts(), host="null", password="null").ticket()
