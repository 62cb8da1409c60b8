import asyncio
import logging
from pathlib import Path

import pytest

from tests.unit.management.world import WEB, running_world


def test_log_has_paths_without_queries(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> str:
        async with running_world(tmp_path) as world:
            await world.console(virtualmachineid=WEB.uuid, token="s3cret")
            return world.server.account.api_key

    key = asyncio.run(scenario())
    assert "GET /client/api from 127.0.0.1: 200" in caplog.text
    assert "s3cret" not in caplog.text
    assert key not in caplog.text
    assert "signature" not in caplog.text


@pytest.mark.parametrize("path", ["/client", "/cpvm", "/templates/style.css", "/console/x"])
def test_other_paths(tmp_path: Path, path: str) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            response = await world.fetch(path)
            assert response.code == 404
            assert "no such page" in response.body.decode()

    asyncio.run(scenario())
