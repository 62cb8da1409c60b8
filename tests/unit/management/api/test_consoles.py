import json
from pathlib import Path

import pytest

from tests.unit.management.world import DATABASE, PROXY, WEB, World, in_world


def test_console_endpoint(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        endpoint = await world.console(virtualmachineid=WEB.uuid, token="s3cret")
        websocket = endpoint["websocket"]
        assert endpoint["success"] is True
        assert "details" not in endpoint
        assert endpoint["url"].startswith(f"https://{PROXY.host}:8443/resource/noVNC/vnc.html?")
        assert f"token={websocket['token']}" in endpoint["url"]
        assert {**websocket, "token": ""} == {
            "token": "",
            "host": PROXY.host,
            "port": "8443",
            "path": "websockify",
            "extra": "s3cret",
        }
        without = await world.console(virtualmachineid=WEB.uuid.upper())
        assert "extra" not in without["websocket"]

    in_world(tmp_path, scenario)


def test_refused_console_is_an_answer(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        endpoint = await world.console(virtualmachineid=DATABASE.uuid)
        assert endpoint["success"] is False
        assert "db01" in endpoint["details"]
        assert endpoint["websocket"] == {}
        assert "url" not in endpoint

    in_world(tmp_path, scenario)


def test_missing_parameter(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("createConsoleEndpoint")
        assert answer["errorcode"] == 431
        assert "virtualmachineid" in answer["errortext"]

    in_world(tmp_path, scenario)


def test_extra_that_no_proxy_would_take(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call(
            "createConsoleEndpoint", virtualmachineid=WEB.uuid, token="x" * 256
        )
        assert answer["errorcode"] == 431

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["web01", "db01"]),
        ({"id": DATABASE.uuid}, ["db01"]),
        ({"name": "web"}, ["web01"]),
        ({"keyword": "01"}, ["web01", "db01"]),
        ({"state": "stopped"}, ["db01"]),
        ({"page": "2", "pagesize": "1"}, ["db01"]),
    ],
)
def test_virtual_machines(tmp_path: Path, parameters: dict[str, str], names: list[str]) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("listVirtualMachines", **parameters)
        assert [machine["name"] for machine in answer["virtualmachine"]] == names
        assert "Rm4wQ2x1" not in json.dumps(answer)

    in_world(tmp_path, scenario)


def test_empty_list_has_no_keys(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert await world.call("listVirtualMachines", keyword="nothing") == {}
        assert await world.call("listVirtualMachines", page="3") == {}

    in_world(tmp_path, scenario)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1" * 20])
def test_page_must_be_a_number(tmp_path: Path, page: str) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("listVirtualMachines", page=page)
        assert answer["errorcode"] == 431

    in_world(tmp_path, scenario)
