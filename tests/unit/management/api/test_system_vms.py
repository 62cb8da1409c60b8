from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.channel.documents import LoadReport
from tests.unit.management.world import PROXY, WEB, World, in_world


def test_console_proxies(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        answer = await world.call("listSystemVms", systemvmtype="consoleproxy")
        assert answer["systemvm"] == [
            {
                "id": "cpvm-1",
                "systemvmtype": "consoleproxy",
                "name": "cpvm-1",
                "publicip": "192.0.2.10",
                "state": "Running",
                "agentstate": "Up",
                "resourcestate": "Enabled",
                "activeviewersessions": 0,
            }
        ]
        world.clock.now += 16
        await world.register(replace(PROXY, name="cpvm-2"))
        (first, second) = (await world.call("listSystemVms"))["systemvm"]
        assert (first["agentstate"], second["agentstate"]) == ("Disconnected", "Up")
        assert await world.call("listSystemVms", systemvmtype="secondarystoragevm") == {}

    in_world(tmp_path, scenario)


def test_maintenance_is_for_new_sessions(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]
        answer = await world.call("prepareHostForMaintenance", id="cpvm-1")
        assert answer["host"]["resourcestate"] == "Maintenance"
        assert answer["host"]["state"] == "Up"
        (proxy,) = (await world.call("listSystemVms"))["systemvm"]
        assert (proxy["state"], proxy["resourcestate"]) == ("Running", "Maintenance")
        # Not even for a machine that it has.
        assert not (await world.console(virtualmachineid=WEB.uuid))["success"]

    async def afterwards(world: World) -> None:
        await world.register()
        assert not (await world.console(virtualmachineid=WEB.uuid))["success"]
        answer = await world.call("cancelHostMaintenance", id="cpvm-1")
        assert answer["host"]["resourcestate"] == "Enabled"
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]

    for story in (scenario, afterwards):
        in_world(tmp_path, story)


def test_a_draining_proxy_gets_nothing(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        body = LoadReport.to_json("cpvm-1", '{"connections": []}', draining=True)
        assert (await world.channel("/cpvm/load", body)).code == 200
        (proxy,) = (await world.call("listSystemVms"))["systemvm"]
        assert proxy["state"] == "Draining"
        assert not (await world.console(virtualmachineid=WEB.uuid))["success"]
        await world.register()
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]

    in_world(tmp_path, scenario)


def test_only_a_disconnected_proxy_is_taken_out(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        refused = await world.call("destroySystemVm", id="cpvm-1")
        assert refused["errorcode"] == 431
        assert "is running" in refused["errortext"]
        world.clock.now += 16
        (proxy,) = (await world.call("listSystemVms"))["systemvm"]
        assert proxy["state"] == "Disconnected"
        assert (await world.call("destroySystemVm", id="cpvm-1"))["systemvm"]["id"] == "cpvm-1"
        assert await world.call("listSystemVms") == {}

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    "command", ["prepareHostForMaintenance", "cancelHostMaintenance", "destroySystemVm"]
)
@pytest.mark.parametrize("given", [{}, {"id": "unknown"}])
def test_proxies_that_there_are_none_of(
    tmp_path: Path, command: str, given: dict[str, str]
) -> None:
    async def scenario(world: World) -> None:
        assert (await world.call(command, **given))["errorcode"] == 431

    in_world(tmp_path, scenario)
