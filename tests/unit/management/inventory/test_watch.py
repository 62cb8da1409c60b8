"""A changed inventory file counts at once; a faulty one never."""

import asyncio
import logging
import os
from pathlib import Path

import pytest

from consoleproxy.management.inventory.file import load_inventory
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
    inventory = load_inventory(file)
    watch = InventoryWatch(file, inventory)

    def port_after_a_look() -> int:
        asyncio.run(watch.look())
        machine = inventory.find(UUID)
        assert machine is not None
        return machine.port

    assert port_after_a_look() == 5901
    _exchange(file, _machine(5902))
    assert port_after_a_look() == 5902
    with caplog.at_level(logging.ERROR):
        _exchange(file, _machine(99999))
        assert port_after_a_look() == 5902
    assert "1 to 65535" in caplog.text
    file.unlink()
    assert port_after_a_look() == 5902
    _exchange(file, _machine(5903))
    assert port_after_a_look() == 5903


def test_it_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.management.inventory.watch._LOOK_SECONDS", 0.01)
    file = tmp_path / "inventory.toml"
    file.write_text(_machine(5901), encoding="utf-8")
    inventory = load_inventory(file)

    async def story() -> None:
        watching = asyncio.get_running_loop().create_task(
            InventoryWatch(file, inventory).run(), name="inventory watch"
        )
        _exchange(file, _machine(5902))
        await asyncio.to_thread(
            wait_for,
            lambda: any(machine.port == 5902 for machine in inventory),
            "the file to be read",
        )
        watching.cancel()
        await asyncio.wait({watching})

    asyncio.run(story())
