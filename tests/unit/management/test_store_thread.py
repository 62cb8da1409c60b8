import asyncio
import threading
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.store_thread import StoreThread


def test_work_runs_in_one_thread_that_ends(tmp_path: Path) -> None:
    async def scenario() -> set[str]:
        database = await StoreThread.open(str(tmp_path / "management.db"))
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
        database = await StoreThread.open(str(tmp_path / "management.db"))
        with pytest.raises(ZeroDivisionError):
            await database.run(lambda _: 1 / 0)
        await database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("content", [None, b"this is no database, but quite long enough to be one"])
def test_unusable_file_names_the_setting(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "management.db" if content else tmp_path / "missing" / "management.db"
    if content:
        path.write_bytes(content * 20)
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.manage\.database"):
        asyncio.run(StoreThread.open(str(path)))
