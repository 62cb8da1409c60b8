import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import root_admin
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.scan import CapacityBook, CapacityScan
from consoleproxy.management.issuer import ConsoleRequest
from consoleproxy.settings import Settings
from tests.unit.management.receiver import receiving
from tests.unit.management.world import PROXY, WEB, World, running_world
from tests.waiting import wait_for

ISSUED = ConsoleRequest(vm_uuid=WEB.uuid, caller=root_admin("admin"), source_address="203.0.113.7")


@asynccontextmanager
async def scanning(
    folder: Path, url: str, interval: int = 30_000
) -> AsyncIterator[tuple[World, CapacityScan, CapacityAlarm]]:
    live = Live(
        Settings(
            capacity_standby=2,
            session_max=2,
            capacity_webhook=url,
            capacity_scan_interval=interval,
        )
    )
    async with running_world(folder) as world:
        book = CapacityBook(
            database=world.server.issuer.database,
            link_seconds=120.0,
            live=live,
            clock=world.clock,
        )
        alarm = CapacityAlarm()
        scan = CapacityScan(book, alarm, live)
        try:
            yield world, scan, alarm
        finally:
            scan.close()


def test_signal_on_change_and_while_unmet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "consoleproxy.management.fleet.scan")

    async def scenario() -> None:
        with receiving() as receiver:
            async with scanning(tmp_path, receiver.url) as (world, scan, alarm):
                alarm.refused(0)
                await scan.scan()
                await scan.scan()
                assert [body["wantedProxies"] for body in receiver.bodies] == [1, 1]
                assert alarm.raised
                await world.register()
                await scan.scan()
                assert not alarm.raised
                await world.register(replace(PROXY, name="cpvm-2"))
                await scan.scan()
                assert len(receiver.bodies) == 3
                assert receiver.bodies[-1]["free"] == 2
                await world.server.issuer.issue(ISSUED)
                world.clock.now += 16
                await world.register()
                await scan.scan()
                assert len(receiver.bodies) == 4
                assert receiver.bodies[-1]["wantedProxies"] == 2
                assert receiver.bodies[-1]["running"] == 1

    asyncio.run(scenario())
    mine = [r.message for r in caplog.records if r.name.endswith("fleet.scan")]
    assert len(mine) == 3


def test_what_was_not_delivered_is_sent_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        with receiving() as receiver:
            async with scanning(tmp_path, receiver.url) as (world, scan, _):
                await world.register()
                receiver.status = 500
                await scan.scan()
                await scan.scan()
                receiver.status = 200
                await scan.scan()
                await scan.scan()
                assert len(receiver.bodies) == 3

    asyncio.run(scenario())


def test_a_fault_does_not_end_the_scan(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        with receiving() as receiver:
            async with scanning(tmp_path, receiver.url, 10) as (_, scan, _):
                faults = [ManagementRequestRefused(530, "away"), ZeroDivisionError()]
                read = CapacityBook.read

                async def faulty(book: CapacityBook) -> object:
                    if faults:
                        raise faults.pop(0)
                    return await read(book)

                with patch.object(CapacityBook, "read", faulty):
                    task = asyncio.get_running_loop().create_task(scan.run(), name="scan")
                    await asyncio.to_thread(wait_for, lambda: receiver.bodies, "a signal")
                    task.cancel()
                    await asyncio.wait({task})

    asyncio.run(scenario())
    assert caplog.text.count("the capacity scan failed") == 1
