from dataclasses import replace
from pathlib import Path

from tests.unit.management.world import PROXY, World, in_world


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
                "activeviewersessions": 0,
            }
        ]
        world.clock.now += 16
        await world.register(replace(PROXY, name="cpvm-2"))
        (first, second) = (await world.call("listSystemVms"))["systemvm"]
        assert (first["agentstate"], second["agentstate"]) == ("Disconnected", "Up")
        assert await world.call("listSystemVms", systemvmtype="secondarystoragevm") == {}

    in_world(tmp_path, scenario)
