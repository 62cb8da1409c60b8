import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.fleet.life import Life
from consoleproxy.management.records.proxies import register, take_load
from consoleproxy.management.records.sessions import (
    ConsoleSession,
    acquire,
    add_session,
    sessions,
)
from consoleproxy.management.storage.database import Database
from tests.unit.management.contracts import SESSION
from tests.unit.management.world import PROXY, START, WEB, Clock

SILENT = 3 * PROXY.load_interval + 1
ALIVE = LoadReport(PROXY.name, 1, (SESSION.uuid,), ())


def run(
    folder: Path, scenario: Callable[[Life, Clock, Database], Awaitable[None]], clock: Clock
) -> None:
    async def main() -> None:
        database = await Database.open(str(folder / "management.db"))
        await database.run(lambda db: register(db, PROXY, START))
        await database.run(lambda db: add_session(db, SESSION))
        await database.run(
            lambda db: acquire(db, SESSION.uuid, WEB.uuid, PROXY.name, "203.0.113.7", START)
        )
        try:
            await scenario(Life(database, clock), clock, database)
        finally:
            await database.close()

    asyncio.run(main())


async def only(database: Database) -> ConsoleSession:
    (session,) = await database.run(sessions)
    return session


def test_sessions_of_a_silent_proxy_are_over_until_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(life: Life, clock: Clock, database: Database) -> None:
        clock.now = START + SILENT - 1
        await life.look()
        assert (await only(database)).live
        clock.now = START + SILENT
        for _ in range(2):
            await life.look()
        over = await only(database)
        assert (over.removed, over.end_reason) == (clock.now, "proxy-disconnected")
        assert caplog.text.count("is silent: 1 sessions are over") == 1
        await database.run(lambda db: take_load(db, ALIVE, clock.now + 1))
        await life.look()
        back = await only(database)
        assert (back.live, back.end_reason) == (True, None)

    run(tmp_path, scenario, Clock())


def test_a_server_that_has_just_started_has_heard_nobody_yet(tmp_path: Path) -> None:
    async def scenario(life: Life, clock: Clock, database: Database) -> None:
        await life.look()
        clock.now += SILENT - 1
        await life.look()
        assert (await only(database)).live
        clock.now += 1
        await life.look()
        assert not (await only(database)).live

    run(tmp_path, scenario, Clock(START + 3600))


def test_what_was_missed_while_the_database_was_away_is_no_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = "consoleproxy.management.fleet.life"
    monkeypatch.setattr(f"{module}._LOOK_SECONDS", 0.01)
    faults = iter([ManagementRequestRefused(530, "away"), ZeroDivisionError()])
    since: asyncio.Queue[float] = asyncio.Queue()

    def close_silent(db: Connection, now: float, listening_since: float) -> dict[str, int]:
        since.put_nowait(listening_since)
        for fault in faults:
            raise fault
        return {}

    monkeypatch.setattr(f"{module}.close_silent", close_silent)

    async def scenario(life: Life, clock: Clock, database: Database) -> None:
        clock.now += 3600
        running = asyncio.get_running_loop().create_task(life.run(), name="life")
        async with asyncio.timeout(5):
            assert [await since.get() for _ in range(3)] == [START, START + 3600, START + 3600]
        running.cancel()
        await asyncio.wait({running})

    run(tmp_path, scenario, Clock())
    assert "look for silent proxies failed" in caplog.text
