import asyncio
import os
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.account_records import Account
from consoleproxy.management.app import ManagementServer
from tests.unit.management.world import config_in, running_world


def test_it_is_not_open_to_strangers(tmp_path: Path) -> None:
    config = replace(config_in(tmp_path), secret="", address="0.0.0.0")
    with pytest.raises(SettingsInvalid) as caught:
        ManagementServer(config)
    secret, page = caught.value.problems
    assert "consoleproxy.management.secret" in secret
    assert "consoleproxy.manage.page.key" in page
    ManagementServer(replace(config, secret="s", page_key="k"))
    assert "the secret" not in repr(replace(config, secret="the secret", page_key="the secret"))


def test_webhook_is_checked_at_the_start(tmp_path: Path) -> None:
    config = replace(config_in(tmp_path), capacity_webhook="scaler/s3cret")
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.capacity\.webhook") as caught:
        ManagementServer(config)
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(config)


def test_account_stays_the_same(tmp_path: Path) -> None:
    async def account() -> Account:
        async with running_world(tmp_path) as world:
            return world.server.account

    assert asyncio.run(account()) == asyncio.run(account())


def test_given_account_may_sign(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path, account=Account("admin", "key", "secret")) as world:
            assert world.server.account.api_key == "key"
            assert (await world.call("listVirtualMachines"))["count"] == 2

    asyncio.run(scenario())


def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    async def scenario() -> None:
        for _ in range(2):
            async with running_world(tmp_path) as world:
                await world.fetch("/")

    async def count() -> tuple[int, int]:
        await scenario()
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    async def twice() -> None:
        assert await count() == await count()

    asyncio.run(twice())


def test_taken_port_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = replace(config_in(tmp_path), port=taken.getsockname()[1])
        server = ManagementServer(config)
        before = threading.active_count()
        with pytest.raises(OSError):
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
