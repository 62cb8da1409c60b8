import json
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.users import Keys
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


OWNED = [
    WEB,
    replace(WEB, uuid=f"1{WEB.uuid[1:]}", name="ours", domain="ROOT/acme", account="web"),
    replace(WEB, uuid=f"2{WEB.uuid[1:]}", name="deep", domain="ROOT/acme/tests", account="deep"),
    replace(WEB, uuid=f"3{WEB.uuid[1:]}", name="ghost", domain="ROOT/acme", account="nobody"),
    replace(WEB, uuid=f"4{WEB.uuid[1:]}", name="nowhere", domain="ROOT/none", account="web"),
]


async def owners(world: World) -> dict[str, Keys | None]:
    await world.register(replace(PROXY, session_max=9))
    return {
        "admin": None,
        "other admin": await world.user("other", "ROOT", Role.ADMIN),
        "boss": await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN),
        "web": await world.user("web", "ROOT/acme"),
        "deep": await world.user("deep", "ROOT/acme/tests"),
        "stranger": await world.user("web", "ROOT/other"),
        "root user": await world.user("plain", "ROOT"),
    }


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("admin", {"web01", "ours", "deep", "ghost", "nowhere"}),
        ("other admin", {"web01", "ours", "deep", "ghost", "nowhere"}),
        ("boss", {"ours", "deep"}),
        ("web", {"ours"}),
        ("deep", {"deep"}),
        ("stranger", set()),
        ("root user", set()),
    ],
)
def test_consoles_are_for_who_has_the_machine(tmp_path: Path, who: str, may: set[str]) -> None:
    async def scenario(world: World) -> None:
        keys = (await owners(world))[who]
        opened = set()
        for machine in OWNED:
            answer = await world.call("createConsoleEndpoint", keys, virtualmachineid=machine.uuid)
            endpoint = answer["consoleendpoint"]
            if endpoint["success"]:
                opened.add(machine.name)
            else:
                assert endpoint == {
                    "success": False,
                    "details": "Permission denied",
                    "websocket": {},
                }
        assert opened == may
        listed = await world.call("listVirtualMachines", keys, listall="true")
        assert {one["name"] for one in listed.get("virtualmachine", [])} == may
        for machine in OWNED:
            one = await world.call("listVirtualMachines", keys, id=machine.uuid)
            assert bool(one) is (machine.name in may)
        unknown = await world.call(
            "createConsoleEndpoint", keys, virtualmachineid=f"9{WEB.uuid[1:]}"
        )
        details = unknown["consoleendpoint"]["details"]
        assert details == "Permission denied" or "admin" in who

    in_world(tmp_path, scenario, inventory=Inventory(OWNED))


@pytest.mark.parametrize(
    ("who", "filters", "found"),
    [
        ("admin", {}, {"web01"}),
        ("other admin", {}, set()),
        ("admin", {"domainid": "acme"}, {"ours"}),
        ("admin", {"domainid": "acme", "isrecursive": "true"}, {"ours", "deep"}),
        ("admin", {"domainid": "acme", "account": "web"}, {"ours"}),
        ("admin", {"account": "nobody"}, 431),
        ("admin", {"domainid": "unknown"}, 431),
        ("boss", {}, set()),
        ("boss", {"domainid": "acme"}, {"ours"}),
        ("boss", {"domainid": "tests", "account": "deep"}, {"deep"}),
        ("boss", {"domainid": "other"}, 531),
        ("boss", {"domainid": "unknown"}, 531),
        ("web", {}, {"ours"}),
        ("web", {"account": "boss"}, 531),
        ("web", {"domainid": "acme", "isrecursive": "true"}, {"ours"}),
        ("web", {"domainid": "tests"}, 531),
    ],
)
def test_machines_by_whose_they_are(
    tmp_path: Path, who: str, filters: dict[str, str], found: set[str] | int
) -> None:
    async def scenario(world: World) -> None:
        keys = (await owners(world))[who]
        ids = await world.ids()
        given = {**filters}
        if "domainid" in given:
            given["domainid"] = ids.get(given["domainid"], given["domainid"])
        answer = await world.call("listVirtualMachines", keys, **given)
        if isinstance(found, int):
            assert answer["errorcode"] == found
        else:
            assert {one["name"] for one in answer.get("virtualmachine", [])} == found

    in_world(tmp_path, scenario, inventory=Inventory(OWNED))


def test_machines_say_whose_they_are(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await owners(world)
        answer = await world.call("listVirtualMachines", listall="true")
        ours, nowhere = answer["virtualmachine"][1], answer["virtualmachine"][4]
        assert (ours["account"], ours["domain"], ours["domainpath"]) == ("web", "acme", "ROOT/acme")
        assert ours["domainid"] == (await world.ids())["acme"]
        assert "domainid" not in nowhere

    in_world(tmp_path, scenario, inventory=Inventory(OWNED))


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
