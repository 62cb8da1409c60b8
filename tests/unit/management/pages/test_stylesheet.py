from pathlib import Path

from consoleproxy.management.pages.assets import STYLE, STYLE_URL
from tests.unit.management.world import World, in_world


def test_everybody_gets_it_and_may_keep_it(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert f'href="{STYLE_URL}"' in (await world.fetch("/login")).body.decode()
        response = await world.fetch(STYLE_URL)
        assert response.body == STYLE
        assert response.headers["Content-Type"] == "text/css; charset=UTF-8"
        assert "immutable" in response.headers["Cache-Control"]

    in_world(tmp_path, scenario, page_key="key")
