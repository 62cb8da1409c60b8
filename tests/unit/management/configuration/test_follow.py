import asyncio
from functools import partial
from pathlib import Path

from consoleproxy.management.configuration.follow import Follow
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.settings import forget_setting, store_setting
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Settings
from tests.waiting import wait_for

NAME = "consoleproxy.session.max"


def test_what_another_server_stores_counts_here(tmp_path: Path) -> None:
    async def scenario() -> None:
        location = str(tmp_path / "management.db")
        mine, other = await Database.open(location), await Database.open(location)
        live = Live(Settings())
        follow = Follow(mine, live)
        task = asyncio.get_running_loop().create_task(follow.run(), name="settings")
        try:
            await other.run(partial(store_setting, name=NAME, value="3"))
            await asyncio.to_thread(wait_for, lambda: live.now.session_max == 3, "the change")
            await other.run(partial(forget_setting, name=NAME))
            await follow.look()
            assert live.now.session_max == 50
        finally:
            task.cancel()
            await asyncio.wait({task})
            await mine.close()
            await other.close()

    asyncio.run(scenario())
