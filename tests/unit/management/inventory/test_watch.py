"""A changed inventory file counts at once; a faulty one never."""

import asyncio
import logging
import os
from functools import partial
from pathlib import Path

import pytest

from consoleproxy.management.inventory.file import FileContent, load_file
from consoleproxy.management.inventory.watch import InventoryWatch
from tests.waiting import wait_for

UUID = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"


def _machine(port: int) -> str:
    return f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\naddress = "10.0.0.1:{port}"\n'


def _exchange(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, file)


def test_machines_that_moved_are_found_where_they_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(_machine(5901), encoding="utf-8")
    watch = InventoryWatch(file)

    def new_port() -> int | None:
        content = asyncio.run(watch.look())
        return content.machines[0].port if content is not None else None

    assert new_port() is None
    _exchange(file, _machine(5902))
    assert new_port() == 5902
    assert new_port() is None
    with caplog.at_level(logging.ERROR):
        _exchange(file, _machine(99999))
        assert new_port() is None
    assert "1 to 65535" in caplog.text
    file.unlink()
    assert new_port() is None
    _exchange(file, _machine(5903))
    assert new_port() == 5903


def test_a_machine_without_a_place_is_a_fault_where_nobody_else_knows_it(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    for adding in (False, True):
        watch = InventoryWatch(file, partial(load_file, adding=adding))
        file.write_text(f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\n', encoding="utf-8")
        content = asyncio.run(watch.look())
        assert (content is not None) is adding
        file.unlink()


def test_it_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.management.inventory.watch._LOOK_SECONDS", 0.01)
    file = tmp_path / "inventory.toml"
    file.write_text(_machine(5901), encoding="utf-8")
    seen: list[FileContent] = []

    async def story() -> None:
        watching = asyncio.get_running_loop().create_task(
            InventoryWatch(file).run(seen.append), name="inventory watch"
        )
        await asyncio.sleep(0)
        _exchange(file, _machine(5902))
        await asyncio.to_thread(wait_for, lambda: bool(seen), "the file to be read")
        watching.cancel()
        await asyncio.wait({watching})

    asyncio.run(story())
    assert [machine.port for machine in seen[0].machines] == [5902]
