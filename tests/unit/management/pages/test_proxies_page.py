from dataclasses import replace
from pathlib import Path

from tests.unit.management.world import PROXY, World, in_world


def test_a_page_at_a_time(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert "None has registered yet." in (await world.fetch("/proxies")).body.decode()
        for number in range(60):
            await world.register(replace(PROXY, name=f"cpvm-{number}"))
        first = (await world.fetch("/proxies")).body.decode()
        assert ">cpvm-49<" in first
        assert ">cpvm-50<" not in first
        assert "Page 1 of 2" in first
        second = (await world.fetch("/proxies?page=2")).body.decode()
        assert ">cpvm-59<" in second
        assert 'href="/proxies" rel="prev"' in second

    in_world(tmp_path, scenario)
