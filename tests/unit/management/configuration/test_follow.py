import asyncio
import os
from functools import partial
from pathlib import Path

import pytest

from consoleproxy.management.configuration.follow import Follow
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.settings import forget_setting, store_setting
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import SealingKey
from consoleproxy.settings import Settings
from tests.unit.management.world import SEALER
from tests.waiting import wait_for

NAME = "consoleproxy.session.max"
WEBHOOK = "consoleproxy.capacity.webhook"


def test_what_another_server_stores_counts_here(tmp_path: Path) -> None:
    async def scenario() -> None:
        location = str(tmp_path / "management.db")
        mine, other = await Database.open(location), await Database.open(location)
        live = Live(Settings())
        follow = Follow(mine, live, SEALER)
        task = asyncio.get_running_loop().create_task(follow.run(), name="settings")
        try:
            await other.run(partial(store_setting, name=NAME, value="3", sealer=SEALER))
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


def test_a_secret_that_does_not_open_changes_nothing_and_holds_up_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        database = await Database.open(str(tmp_path / "management.db"))
        other = Sealer.of(SealingKey(os.urandom(32)))
        live = Live(Settings())
        follow = Follow(database, live, SEALER)

        async def store(name: str, value: str, sealer: Sealer) -> None:
            await database.run(partial(store_setting, name=name, value=value, sealer=sealer))
            await follow.look()

        try:
            await store(WEBHOOK, "http://h/s3cret", SEALER)
            assert live.now.capacity_webhook == "http://h/s3cret"
            await store(WEBHOOK, "http://other/", other)
            await store(NAME, "3", other)
            assert live.now.session_max == 3
            assert live.now.capacity_webhook == "http://h/s3cret"
        finally:
            await database.close()

    asyncio.run(scenario())
    assert caplog.text.count("secret settings stay as they were") == 1
    assert "s3cret" not in caplog.text
