import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.cleanup import CleanUp
from consoleproxy.management.records.sessions import add_session, sessions
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Settings
from tests.unit.management.contracts import SESSION
from tests.unit.management.world import START, Clock
from tests.waiting import wait_for


def test_it_cleans_at_the_start_and_after_each_interval(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = await Database.open(str(tmp_path / "management.db"))
        clock, live = Clock(START + 3 * 3600), Live(Settings(session_retention_hours=2))
        clean_up = CleanUp(database=database, live=live, clock=clock)
        known = {"old", "new"}
        for uuid, created in (("old", START), ("new", START + 2 * 3600)):
            one = replace(SESSION, uuid=uuid, created=created)
            await database.run(partial(add_session, session=one))
        task = asyncio.get_running_loop().create_task(clean_up.run(), name="clean-up")

        async def left() -> None:
            nonlocal known
            known = {session.uuid for session in await database.run(sessions)}

        loop = asyncio.get_running_loop()

        def look() -> set[str]:
            asyncio.run_coroutine_threadsafe(left(), loop).result(5)
            return known

        try:
            await asyncio.to_thread(wait_for, lambda: look() == {"new"}, "the first clean-up")
            clock.now += 24 * 3600
            live.change({"console.session.cleanup.interval": "1"})
            await left()
            assert known == {"new"}
            await clean_up.clean()
            await left()
            assert known == set()
        finally:
            task.cancel()
            await asyncio.wait({task})
            await database.close()

    asyncio.run(scenario())
