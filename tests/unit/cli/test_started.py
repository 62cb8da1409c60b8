import asyncio
import logging
from functools import partial
from pathlib import Path

import pytest

from consoleproxy.cli.started import settings_to_start_with
from consoleproxy.management.records.settings import store_setting
from consoleproxy.settings import Settings
from tests.unit.management.world import SEALER, SECRET, running_world
from tests.waiting import free_port


def test_what_counts_from_a_start_on_is_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario() -> Settings:
        async with running_world(tmp_path) as world:
            for name, value in (("port", "9000"), ("session.max", "3"), ("workers", "-1")):
                setting = f"consoleproxy.{name}"
                store = partial(store_setting, name=setting, value=value, sealer=SEALER)
                await world.server.issuer.database.run(store)
            own = Settings(management_url=world.url, management_secret=SECRET)
            return await asyncio.to_thread(settings_to_start_with, own, "cpvm-1")

    started = asyncio.run(scenario())
    assert (started.port, started.session_max, started.workers) == (9000, 50, 0)
    assert "consoleproxy.port is 9000, as set over the API" in caplog.messages


def test_without_an_answer_the_own_settings_do(caplog: pytest.LogCaptureFixture) -> None:
    own = Settings(management_url=f"http://127.0.0.1:{free_port()}", management_secret="s3cret")
    assert settings_to_start_with(own, "cpvm-1") == own
    assert "starting with this proxy's own settings" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("own", [Settings(management_url=""), Settings()])
def test_where_there_is_nobody_to_ask(own: Settings, caplog: pytest.LogCaptureFixture) -> None:
    assert settings_to_start_with(own, "cpvm-1") is own
    assert caplog.messages == []
