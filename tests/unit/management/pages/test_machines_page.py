from dataclasses import replace
from pathlib import Path

from consoleproxy.management.inventory.machines import Inventory
from tests.unit.management.world import WEB, World, in_world


def test_search_and_pages(tmp_path: Path) -> None:
    machines = [
        replace(WEB, uuid=f"{n:08}{WEB.uuid[8:]}", name=f"vm-{n}", account=f"owner-{n % 2}")
        for n in range(120)
    ]

    async def scenario(world: World) -> None:
        text = (await world.fetch("/machines")).body.decode()
        assert "120 virtual machines" in text
        assert text.count(">vm-") == 50
        text = (await world.fetch("/machines?q=OWNER-1&page=2")).body.decode()
        assert "60 virtual machines found" in text
        assert text.count(">vm-") == 10
        assert 'href="/machines?q=OWNER-1" rel="prev"' in text
        text = (await world.fetch("/machines?q=%22%3Cb%3E")).body.decode()
        assert "0 virtual machines found" in text
        assert 'value="&quot;&lt;b&gt;"' in text

    in_world(tmp_path, scenario, inventory=Inventory(machines))


def test_owner(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert ">shop, acme/eu<" in (await world.fetch("/machines")).body.decode()

    owned = replace(WEB, account="shop", domain="ROOT/acme/eu")
    in_world(tmp_path, scenario, inventory=Inventory([owned]))
