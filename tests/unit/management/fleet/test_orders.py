from pathlib import Path

import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.fleet.orders import ProxyOrders
from tests.unit.management.world import World, in_world


def test_orders(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        orders = ProxyOrders(world.server.issuer.database, world.clock)
        await world.register()
        assert (await orders.maintain("cpvm-1", "somebody", begin=True)).maintenance
        assert not (await orders.maintain("cpvm-1", "somebody", begin=False)).maintenance
        with pytest.raises(ManagementRequestRefused, match="is running"):
            await orders.destroy("cpvm-1", "somebody")
        world.clock.now += 60
        await orders.destroy("cpvm-1", "somebody")
        for again in (
            orders.destroy("cpvm-1", "somebody"),
            orders.maintain("cpvm-1", "somebody", begin=True),
        ):
            with pytest.raises(ManagementRequestRefused, match="no such console proxy") as refused:
                await again
            assert refused.value.status == 431

    in_world(tmp_path, scenario)
