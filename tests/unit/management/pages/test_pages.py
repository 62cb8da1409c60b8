import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.httpclient import HTTPResponse

from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.sessions import acquire, sessions
from tests.unit.management.world import DATABASE, PROXY, WEB, World, running_world


def run(folder: Path, scenario: Callable[[World], Awaitable[None]], **changes: Any) -> None:
    async def main() -> None:
        async with running_world(folder, **changes) as world:
            await scenario(world)

    asyncio.run(main())


async def press(
    world: World, vm_uuid: str, headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    return await world.fetch(
        f"/console/{vm_uuid}", body="", headers={"Origin": world.url, **(headers or {})}
    )


def test_inventory_page(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        empty = (await world.fetch("/")).body.decode()
        assert "None has registered yet." in empty
        await world.register()
        response = await world.fetch("/")
        text = response.body.decode()
        assert response.headers["Content-Type"].startswith("text/html")
        assert "web01" in text
        assert f'action="/console/{WEB.uuid}" target="_blank"' in text
        assert 'disabled aria-label="Console of db01"' in text
        assert "cpvm-1" in text
        assert "0 of 2" in text
        assert WEB.password not in text
        assert "<script" not in text
        world.clock.now += 16
        assert "Disconnected" in (await world.fetch("/")).body.decode()

    run(tmp_path, scenario)


def test_names_are_escaped(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        text = (await world.fetch("/")).body.decode()
        assert "<b>" not in text
        assert "&lt;b&gt;" in text

    run(tmp_path, scenario, inventory=Inventory([replace(WEB, name="<b>web</b>")]))


@pytest.mark.parametrize("path", ["/", "/style.css", "/nothing", "/console/x"])
def test_headers_of_every_page(tmp_path: Path, path: str) -> None:
    async def scenario(world: World) -> None:
        response = await world.fetch(path)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Server" not in response.headers

    run(tmp_path, scenario)


def test_button_goes_to_the_console(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        response = await press(world, WEB.uuid, {"Sec-Fetch-Site": "same-origin"})
        assert response.code == 303
        target = urlsplit(response.headers["Location"])
        assert target.netloc == f"{PROXY.host}:8443"
        assert len(parse_qs(target.query)["extra"][0]) >= 22

    run(tmp_path, scenario, extra_required=True)


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

    run(tmp_path, scenario)


def test_refused_console_is_readable(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        stopped = await press(world, DATABASE.uuid)
        assert stopped.code == 503
        assert "db01 must be running" in stopped.body.decode()
        assert "no console proxy is connected" in (await press(world, WEB.uuid)).body.decode()

    run(tmp_path, scenario)


def test_page_answers_to_its_own_names_only(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for name, status in [("evil.example", 403), ("localhost", 200)]:
            host = f"{name}:{world.server.port}"
            response = await world.fetch("/", headers={"Host": host})
            assert response.code == status
            assert ("web01" in response.body.decode()) is (status == 200)
        host = f"evil.example:{world.server.port}"
        response = await press(world, WEB.uuid, {"Host": host, "Origin": f"http://{host}"})
        assert response.code == 403

    run(tmp_path, scenario)


def test_page_key(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        for path in ("/", "/style.css"):
            refused = await world.fetch(path)
            assert refused.code == 401
            assert refused.headers["WWW-Authenticate"].startswith("Basic ")
            assert "web01" not in refused.body.decode()
        assert (await press(world, WEB.uuid)).code == 401
        key = "Basic " + base64.b64encode(b"me:the key").decode()
        assert (await world.fetch("/", headers={"Authorization": key})).code == 200
        assert (await press(world, WEB.uuid, {"Authorization": key})).code == 303

    run(tmp_path, scenario, page_key="the key")


def test_open_consoles_are_listed(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        database = world.server.issuer.database
        (session,) = await database.run(sessions)
        await database.run(
            lambda db: acquire(db, session.uuid, WEB.uuid, "cpvm-1", "203.0.113.7", world.clock.now)
        )
        text = (await world.fetch("/")).body.decode()
        assert "203.0.113.7" in text
        assert "2026-01-01 00:00:00 UTC" in text

    run(tmp_path, scenario)
