from pathlib import Path
from typing import Any

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.records.users import Keys
from tests.unit.management.world import World, in_world


async def paths(world: World, keys: Keys | None = None, **given: str) -> list[str]:
    answer = await world.call("listDomains", keys, **given)
    return [domain["path"] for domain in answer.get("domain", [])]


async def job(world: World, keys: Keys | None = None, **given: str) -> dict[str, Any]:
    started = await world.call("deleteDomain", keys, **given)
    result = await world.call("queryAsyncJobResult", keys, **started)
    assert result["cmd"].endswith(".DeleteDomainCmd")
    found: dict[str, Any] = result["jobresult"]
    return found


def test_a_tree_of_domains(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        acme = (await world.call("createDomain", name="acme"))["domain"]
        tests = (await world.call("createDomain", name="tests", parentdomainid=acme["id"]))[
            "domain"
        ]
        root = world.server.account.caller.domain_uuid
        assert {**acme, "id": ""} == {
            "id": "",
            "name": "acme",
            "level": 1,
            "parentdomainid": root,
            "parentdomainname": "ROOT",
            "haschild": False,
            "path": "ROOT/acme",
            "state": "Active",
        }
        assert (tests["path"], tests["parentdomainname"]) == ("ROOT/acme/tests", "acme")
        assert await paths(world) == ["ROOT", "ROOT/acme", "ROOT/acme/tests"]
        assert await paths(world, level="0") == ["ROOT"]
        assert await paths(world, level="2") == ["ROOT/acme/tests"]
        assert await paths(world, name="acme") == ["ROOT/acme"]
        assert await paths(world, keyword="TEST") == ["ROOT/acme/tests"]
        assert await paths(world, id=tests["id"].upper()) == ["ROOT/acme/tests"]
        assert "delete them first" in (await job(world, id=acme["id"]))["errortext"]
        assert await job(world, id=tests["id"]) == {"success": True}
        assert await paths(world) == ["ROOT", "ROOT/acme"]
        assert (await world.call("listDomains", id=tests["id"]))["errorcode"] == 431

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("name", "text"), [("a/b", "cannot be the name of a domain"), ("acme", "is there already")]
)
def test_names_that_cannot_be(tmp_path: Path, name: str, text: str) -> None:
    async def scenario(world: World) -> None:
        await world.call("createDomain", name="acme")
        answer = await world.call("createDomain", name=name)
        assert (answer["errorcode"], answer["cserrorcode"]) == (431, 4350)
        assert text in answer["errortext"]

    in_world(tmp_path, scenario)


def test_paths_have_an_end(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        above = world.server.account.caller.domain_uuid
        for _ in range(3):
            answer = await world.call("createDomain", name="x" * 64, parentdomainid=above)
            above = answer["domain"]["id"]
        answer = await world.call("createDomain", name="x" * 64, parentdomainid=above)
        assert "more than 255 characters" in answer["errortext"]

    in_world(tmp_path, scenario)


def test_clean_up_takes_all_that_is_in_it(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        keys = await world.user("deep", "ROOT/acme/tests")
        ids = await world.ids()
        assert await job(world, id=ids["acme"], cleanup="true") == {"success": True}
        assert await paths(world) == ["ROOT"]
        assert (await world.call("listVirtualMachines", keys))["errorcode"] == 401

    in_world(tmp_path, scenario)


def test_domain_admins_have_their_own_and_those_below(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        boss = await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN)
        await world.user("web", "ROOT/other")
        ids = await world.ids()
        made = (await world.call("createDomain", boss, name="tests"))["domain"]
        assert made["path"] == "ROOT/acme/tests"
        assert await paths(world, boss) == ["ROOT/acme"]
        assert await paths(world, boss, listall="true") == ["ROOT/acme", "ROOT/acme/tests"]
        for other in ("ROOT", "other"):
            refused = await world.call("createDomain", boss, name="x", parentdomainid=ids[other])
            assert (refused["errorcode"], refused["cserrorcode"]) == (531, 4365)
            assert (await world.call("listDomains", boss, id=ids[other]))["errorcode"] == 531
            assert (await job(world, boss, id=ids[other]))["errorcode"] == 531
        assert (await job(world, boss, id=ids["acme"], cleanup="true"))["errorcode"] == 531
        assert await job(world, boss, id=made["id"]) == {"success": True}
        assert (await job(world, id=ids["ROOT"], cleanup="true"))["errorcode"] == 531
        user = await world.user("plain", "ROOT/acme")
        assert (await world.call("listDomains", user))["errorcode"] == 432

    in_world(tmp_path, scenario)
