import asyncio
import threading
from pathlib import Path

import pytest

from consoleproxy.errors import ManagementRequestRefused, SettingsInvalid
from consoleproxy.management.storage.database import Database


def test_work_runs_in_one_thread_that_ends(tmp_path: Path) -> None:
    async def scenario() -> set[str]:
        database = await Database.open(str(tmp_path / "management.db"))
        names = await asyncio.gather(
            *(database.run(lambda _: threading.current_thread().name) for _ in range(20))
        )
        await database.close()
        return set(names)

    (name,) = asyncio.run(scenario())
    assert name.startswith("store")
    assert name not in {thread.name for thread in threading.enumerate()}


def test_what_goes_wrong_in_the_work_comes_out(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = await Database.open(str(tmp_path / "management.db"))
        with pytest.raises(ZeroDivisionError):
            await database.run(lambda _: 1 / 0)
        await database.close()

    asyncio.run(scenario())


def test_work_that_waits_is_done_before_the_end(tmp_path: Path) -> None:
    async def scenario() -> list[int]:
        database = await Database.open(str(tmp_path / "management.db"))
        waiting = [
            asyncio.get_running_loop().create_task(database.run(lambda _, n=n: n), name=f"{n}")  # type: ignore[misc]
            for n in range(5)
        ]
        await asyncio.sleep(0)
        await database.close()
        return [task.result() for task in waiting]

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4]


def test_unusable_file_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(SettingsInvalid):
        asyncio.run(Database.open(str(tmp_path / "missing" / "management.db")))
    assert threading.active_count() == before


def test_work_that_takes_too_long_is_given_up_and_what_waits_for_it_is_not_begun(
    tmp_path: Path,
) -> None:
    begun: list[int] = []

    async def scenario() -> None:
        database = await Database.open(str(tmp_path / "management.db"))
        go_on = threading.Event()
        refusals = await asyncio.gather(
            database.run(lambda _: go_on.wait(20), limit=0.05),
            database.run(lambda _: begun.append(1), limit=0.05),
            return_exceptions=True,
        )
        assert [type(one) for one in refusals] == [ManagementRequestRefused] * 2
        go_on.set()
        assert await database.run(lambda _: 7) == 7
        await database.close()

    asyncio.run(scenario())
    assert begun == []
