import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse

from tests.unit.management.world import WEB, World, in_world


async def press(world: World, button: str, name: str, begin: str, origin: str = "") -> HTTPResponse:
    return await world.fetch(
        f"/proxies/{button}",
        body=urlencode({"name": name, "begin": begin}),
        headers={"Origin": origin or world.url},
    )


def test_maintenance_begins_and_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        response = await press(world, "maintenance", "cpvm-1", "true")
        assert (response.code, response.headers["Location"]) == (303, "/proxies?changed=cpvm-1")
        text = (await world.fetch("/proxies?changed=cpvm-1")).body.decode()
        assert 'role="status">cpvm-1: Maintenance.' in text
        assert ">End maintenance<" in text
        assert not (await world.console(virtualmachineid=WEB.uuid))["success"]
        await press(world, "maintenance", "cpvm-1", "false")
        text = (await world.fetch("/proxies?changed=cpvm-1")).body.decode()
        assert "cpvm-1: Up." in text
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario)
    who = "by an operator at 127.0.0.1, on the pages"
    assert f"maintenance of console proxy cpvm-1 begins, {who}" in caplog.messages
    assert f"maintenance of console proxy cpvm-1 ends, {who}" in caplog.messages


def test_removal(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        assert ">Remove<" not in (await world.fetch("/proxies")).body.decode()
        refused = await press(world, "remove", "cpvm-1", "")
        assert refused.code == 409
        assert "cpvm-1 is running: stop it" in refused.body.decode()
        world.clock.now += 60
        assert ">Remove<" in (await world.fetch("/proxies")).body.decode()
        assert (await press(world, "remove", "cpvm-1", "")).code == 303
        text = (await world.fetch("/proxies?changed=cpvm-1")).body.decode()
        assert "cpvm-1 is out of the books." in text
        assert "None has registered yet." in text
        assert (await press(world, "remove", "cpvm-1", "")).code == 409

    in_world(tmp_path, scenario)


def test_forms_of_other_pages(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        for button in ("maintenance", "remove"):
            response = await press(world, button, "cpvm-1", "true", "http://evil.example")
            assert response.code == 403
        assert ">Up<" in (await world.fetch("/proxies")).body.decode()

    in_world(tmp_path, scenario)
