import asyncio
from pathlib import Path

import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.storage.database import Database
from tests.unit.management.world import running_world


def answers(tmp_path: Path) -> list[tuple[int, str]]:
    async def scenario() -> list[tuple[int, str]]:
        async with running_world(tmp_path) as world:
            found = [await world.fetch(path) for path in ("/healthz", "/readyz")]
        assert all("Server" not in each.headers for each in found)
        return [(each.code, each.body.decode()) for each in found]

    return asyncio.run(scenario())


def test_it_serves_and_is_ready(tmp_path: Path) -> None:
    assert answers(tmp_path) == [(200, "ok\n"), (200, "ready\n")]


def test_without_its_database_it_serves_and_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Database.run

    async def refuse(self: Database, work: object, limit: float = 1.0) -> object:
        if getattr(work, "__module__", "") == "consoleproxy.management.probes":
            raise ManagementRequestRefused(530, "the database cannot be used")
        return await usual(self, work)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "run", refuse)
    assert answers(tmp_path) == [(200, "ok\n"), (503, "the database does not answer\n")]
