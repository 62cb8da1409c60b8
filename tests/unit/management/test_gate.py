import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.endpoint.ticket import gen_ticket
from consoleproxy.management.channel.authentication import AuthenticationRequest
from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.gate import Gate
from consoleproxy.management.records.proxies import register, take_load
from consoleproxy.management.records.sessions import ConsoleSession, add_session
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Settings
from tests.unit.management.world import INVENTORY, PROXY, START, WEB, Clock

HASH_KEY = "ICEiIyQlJicoKSorLC0uLw"
SESSION = "870ed27a-4852-4fb3-a37d-c4c10a1d202f"
WINDOW = 30.0
LIVE = Live(Settings(session_reconnection_window=30_000))

REQUEST = AuthenticationRequest(
    proxy="cpvm-1",
    host=WEB.host,
    port=WEB.port,
    vm_uuid=WEB.uuid,
    password=WEB.password,
    ticket=gen_ticket(
        WEB.host, WEB.port, WEB.password, WEB.uuid, SESSION, HASH_KEY, int(START // 60)
    ),
    session_uuid=SESSION,
    client_address="203.0.113.7",
    reconnecting=False,
)
COMING_BACK = replace(REQUEST, reconnecting=True, ticket="")

Scenario = Callable[[Gate, Clock], Awaitable[None]]


def run(folder: Path, scenario: Scenario) -> None:
    async def main() -> None:
        clock = Clock()
        database = await Database.open(str(folder / "management.db"))
        session = ConsoleSession(SESSION, START, "admin", WEB.uuid, "cpvm-1", "203.0.113.7")
        await database.run(lambda db: add_session(db, session))
        try:
            await scenario(Gate(INVENTORY, database, HASH_KEY, LIVE, 2, clock), clock)
        finally:
            await database.close()

    asyncio.run(main())


def test_one_session_a_token(tmp_path: Path) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        assert (await gate.decide(REQUEST)).allowed
        again = await gate.decide(REQUEST)
        assert not again.allowed
        assert "used before" in again.reason

    run(tmp_path, scenario)


def test_of_many_at_once_one_wins(tmp_path: Path) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        answers = await asyncio.gather(*(gate.decide(REQUEST) for _ in range(20)))
        assert sum(answer.allowed for answer in answers) == 1

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (replace(REQUEST, ticket=""), "ticket"),
        (replace(REQUEST, ticket=REQUEST.ticket.lower()), "ticket"),
        (replace(REQUEST, host="192.168.122.11"), "ticket"),
        (replace(REQUEST, port=5902), "ticket"),
        (replace(REQUEST, vm_uuid="unknown"), "no VM"),
        (replace(REQUEST, password="another"), "password"),
        (replace(COMING_BACK, password="another"), "password"),
        (COMING_BACK, "no such session a moment ago"),
    ],
)
def test_refusals_leave_the_token_good(
    tmp_path: Path, request_: AuthenticationRequest, reason: str
) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        answer = await gate.decide(request_)
        assert not answer.allowed
        assert reason in answer.reason
        assert (await gate.decide(REQUEST)).allowed

    run(tmp_path, scenario)


@pytest.mark.parametrize(("later", "allowed"), [(119, True), (120, False)])
def test_ticket_of_this_and_the_last_minute(tmp_path: Path, later: float, allowed: bool) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        clock.now += later
        assert (await gate.decide(REQUEST)).allowed is allowed

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("proxy", "away", "allowed"),
    [("cpvm-1", WINDOW, True), ("cpvm-1", WINDOW + 1, False), ("cpvm-2", 1.0, False)],
)
def test_reconnection_window(tmp_path: Path, proxy: str, away: float, allowed: bool) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        assert (await gate.decide(REQUEST)).allowed
        clock.now += 3600
        report = LoadReport("cpvm-1", 0, (), (SESSION,))
        await gate.database.run(lambda db: take_load(db, report, clock.now))
        clock.now += away
        answer = await gate.decide(replace(COMING_BACK, proxy=proxy))
        assert answer.allowed is allowed

    run(tmp_path, scenario)


def die_and_start(gate: Gate, clock: Clock) -> Awaitable[None]:
    """Let the CPVM register anew, without the sessions that it had."""
    return gate.database.run(
        lambda db: register(db, replace(PROXY, instance=str(clock.now)), clock.now)
    )


@pytest.mark.parametrize(
    ("request_", "away", "allowed"),
    [
        (REQUEST, WINDOW, True),
        (REQUEST, WINDOW + 1, False),
        (replace(REQUEST, client_address="203.0.113.8"), 1.0, False),
        (replace(REQUEST, proxy="cpvm-2"), 1.0, False),
        (replace(REQUEST, ticket=REQUEST.ticket.lower()), 1.0, False),
    ],
)
def test_a_session_comes_back_to_its_proxy_that_died_and_was_started_again(
    tmp_path: Path, request_: AuthenticationRequest, away: float, allowed: bool
) -> None:
    async def scenario(gate: Gate, clock: Clock) -> None:
        await die_and_start(gate, clock)
        assert (await gate.decide(REQUEST)).allowed
        clock.now += 3600
        assert not (await gate.decide(REQUEST)).allowed, "it is open"
        await die_and_start(gate, clock)
        clock.now += away
        assert (await gate.decide(request_)).allowed is allowed
        assert not (await gate.decide(REQUEST)).allowed or not allowed

    run(tmp_path, scenario)


def test_a_session_whose_machine_was_opened_again_does_not_come_back(tmp_path: Path) -> None:
    other = replace(REQUEST, session_uuid="another", proxy="cpvm-2")
    ticket = gen_ticket(
        WEB.host, WEB.port, WEB.password, WEB.uuid, "another", HASH_KEY, int(START // 60)
    )

    async def scenario(gate: Gate, clock: Clock) -> None:
        await die_and_start(gate, clock)
        assert (await gate.decide(REQUEST)).allowed
        clock.now += 1
        await die_and_start(gate, clock)
        session = ConsoleSession("another", START, "admin", WEB.uuid, "cpvm-2", "203.0.113.7")
        await gate.database.run(lambda db: add_session(db, session))
        assert (await gate.decide(replace(other, ticket=ticket))).allowed
        assert not (await gate.decide(REQUEST)).allowed

    run(tmp_path, scenario)
