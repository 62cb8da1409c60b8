import asyncio
import logging
import os
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.records.administrator import Administrator
from consoleproxy.management.records.users import Keys
from consoleproxy.management.storage.schema import configuration
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.store import Store
from tests.unit.management.world import World, config_in, hidden_keys, in_world, running_world


async def nothing(_: World) -> None:
    pass


def test_account_stays_the_same(tmp_path: Path) -> None:
    async def account() -> Administrator:
        async with running_world(tmp_path) as world:
            return world.server.account

    assert asyncio.run(account()) == asyncio.run(account())


def test_given_account_may_sign(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path, account=Keys("key", "secret")) as world:
            assert world.server.account.api_key == "key"
            assert (await world.call("listVirtualMachines"))["count"] == 2

    asyncio.run(scenario())


def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    async def scenario() -> None:
        for _ in range(2):
            async with running_world(tmp_path) as world:
                await world.fetch("/")

    def count() -> tuple[int, int]:
        # Each with a loop of its own, whose end is that of the threads which look names up.
        asyncio.run(scenario())
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    assert count() == count()


def test_taken_port_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = replace(config_in(tmp_path), port=taken.getsockname()[1])
        server = ManagementServer(config)
        before = threading.active_count()
        with pytest.raises(SettingsInvalid, match="cannot be had"):
            asyncio.run(server.start())
        assert threading.active_count() == before


def test_stop_without_start(tmp_path: Path) -> None:
    asyncio.run(ManagementServer(config_in(tmp_path)).stop())


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 4 * 1024 * 1024])
def test_bodies_have_a_limit(tmp_path: Path, size: int) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
            head = f"POST /cpvm/load HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
            writer.write(head.encode())
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
            writer.close()
            await writer.wait_closed()

    asyncio.run(scenario())


def test_what_was_in_the_clear_is_sealed_at_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "management.db"
    store = Store(str(path))
    hidden = insert(configuration).values(name="security.hash.key", value="in the clear")
    store.run(lambda db: db.execute(hidden))
    store.close()
    in_world(tmp_path, nothing)
    assert "sealed what was in the clear in the database: 1 x configuration value" in caplog.text
    assert hidden_keys(tmp_path)[1] == "in the clear"
    assert b"in the clear" not in path.read_bytes()


def test_a_database_of_another_key_is_refused(tmp_path: Path) -> None:
    in_world(tmp_path, nothing)
    before = hidden_keys(tmp_path)
    with pytest.raises(SettingsInvalid, match="sealed under another key"):
        in_world(tmp_path, nothing, secret="another secret")
    with pytest.raises(SettingsInvalid, match="sealed under another key"):
        in_world(tmp_path, nothing, sealer=Sealer.of(new_key()))
    assert hidden_keys(tmp_path) == before
