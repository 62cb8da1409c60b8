from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.httpclient import HTTPResponse

from tests.unit.management.world import DATABASE, PROXY, WEB, World, in_world


async def press(
    world: World, vm_uuid: str, headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    return await world.fetch(
        f"/console/{vm_uuid}", body="", headers={"Origin": world.url, **(headers or {})}
    )


def test_button_goes_to_the_console(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        response = await press(world, WEB.uuid, {"Sec-Fetch-Site": "same-origin"})
        assert response.code == 303
        target = urlsplit(response.headers["Location"])
        assert target.netloc == f"{PROXY.host}:8443"
        assert len(parse_qs(target.query)["extra"][0]) >= 22

    in_world(tmp_path, scenario, extra_required=True)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_button_of_another_page(tmp_path: Path, headers: dict[str, str]) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        response = await press(world, WEB.uuid, headers)
        assert response.code == 403
        assert "Location" not in response.headers
        assert await world.call("listConsoleSessions") == {}

    in_world(tmp_path, scenario)


def test_refused_console_is_readable(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        stopped = await press(world, DATABASE.uuid)
        assert stopped.code == 503
        assert "db01 must be running" in stopped.body.decode()
        assert "no console proxy is connected" in (await press(world, WEB.uuid)).body.decode()

    in_world(tmp_path, scenario)
