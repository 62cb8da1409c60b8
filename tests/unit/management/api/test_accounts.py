from pathlib import Path
from typing import Any

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.records.users import Keys
from tests.unit.management.world import WEB, World, in_world


async def names(world: World, keys: Keys | None = None, /, **given: str) -> list[str]:
    answer = await world.call("listAccounts", keys, **given)
    return [account["name"] for account in answer.get("account", [])]


async def job(
    world: World, command: str, keys: Keys | None = None, /, **given: str
) -> dict[str, Any]:
    started = await world.call(command, keys, **given)
    assert list(started) == ["jobid"], started
    result: dict[str, Any] = (await world.call("queryAsyncJobResult", keys, **started))["jobresult"]
    return result


def test_an_account_with_its_first_user(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        domain = (await world.call("createDomain", name="acme"))["domain"]
        given = {"accounttype": "0", "username": "jane", "domainid": domain["id"]}
        account = (await world.call("createAccount", account="web", **given))["account"]
        (user,) = account["user"]
        assert (user["username"], user["account"], "apikey" in user) == ("jane", "web", False)
        assert {**account, "id": "", "user": []} == {
            "id": "",
            "name": "web",
            "accounttype": 0,
            "roletype": "User",
            "rolename": "User",
            "domainid": domain["id"],
            "domain": "acme",
            "domainpath": "ROOT/acme",
            "state": "enabled",
            "user": [],
        }
        assert (await world.call("listAccounts", id=account["id"]))["account"] == [account]
        named = await world.call("createAccount", accounttype="1", username="second")
        assert named["account"]["name"] == "second"

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"accounttype": "3"}, "accounttype must be 0"),
        ({"accounttype": "1"}, "Root admins belong in the domain ROOT"),
        ({"accounttype": "2", "domainid": "ROOT"}, "domain admins below it"),
        ({"account": "a/b"}, "cannot be the name of an account"),
        ({"account": "web"}, "account web already exists in domain ROOT/acme"),
        ({"username": "web"}, "user web already exists in domain ROOT/acme"),
        ({"domainid": "unknown"}, "Unable to find domain"),
    ],
)
def test_accounts_that_cannot_be(tmp_path: Path, given: dict[str, str], text: str) -> None:
    async def scenario(world: World) -> None:
        await world.user("web", "ROOT/acme")
        whole = {
            "accounttype": "0",
            "username": "jane",
            "account": "new",
            "domainid": "acme",
            **given,
        }
        ids = await world.ids()
        whole["domainid"] = ids.get(whole["domainid"], whole["domainid"])
        answer = await world.call("createAccount", **whole)
        assert (answer["errorcode"], answer["cserrorcode"]) == (431, 4350)
        assert text in answer["errortext"]
        assert await names(world, listall="true") == ["admin", "web"]

    in_world(tmp_path, scenario)


def test_disabled_accounts_call_nothing(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        keys = await world.user("web", "ROOT/acme")
        ids = await world.ids()
        given = {"account": "web", "domainid": ids["acme"]}
        disabled = await job(world, "disableAccount", lock="false", **given)
        assert disabled["account"]["state"] == "disabled"
        refused = await world.call("listVirtualMachines", keys)
        assert (refused["errorcode"], "disabled" in refused["errortext"]) == (401, True)
        assert await names(world, listall="true", state="Disabled") == ["web"]
        enabled = await world.call("enableAccount", id=ids["web"])
        assert enabled["account"]["state"] == "enabled"
        assert await world.call("listVirtualMachines", keys) == {}
        assert await job(world, "deleteAccount", id=ids["web"]) == {"success": True}
        assert (await world.call("listVirtualMachines", keys))["errorcode"] == 401

    in_world(tmp_path, scenario)


@pytest.mark.parametrize("command", ["disableAccount", "deleteAccount"])
def test_its_consoles_and_links_end_with_an_account(tmp_path: Path, command: str) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        keys = await world.user("web", "ROOT", Role.ADMIN)
        endpoint = await world.call("createConsoleEndpoint", keys, virtualmachineid=WEB.uuid)
        assert endpoint["consoleendpoint"]["success"]
        mine = {"virtualmachineid": WEB.uuid}
        (session,) = (await world.call("listConsoleSessions", **mine))["consolesession"]
        assert "removed" not in session
        ids = await world.ids()
        await job(world, command, id=ids["web"])
        (session,) = (await world.call("listConsoleSessions", **mine))["consolesession"]
        assert session["endreason"] == "operator"

    in_world(tmp_path, scenario)


def test_the_first_account_and_the_own_one_are_not_deleted(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        other = await world.user("other", "ROOT", Role.ADMIN)
        ids = await world.ids()
        first = await job(world, "deleteAccount", other, id=ids["admin"])
        assert (first["errorcode"], "began with" in first["errortext"]) == (431, True)
        own = await job(world, "deleteAccount", other, id=ids["other"])
        assert own["errorcode"] == 531
        assert (await job(world, "deleteAccount", id=ids["other"])) == {"success": True}

    in_world(tmp_path, scenario)


def test_the_last_root_admin_is_not_disabled(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        ids = await world.ids()
        refused = await job(world, "disableAccount", id=ids["admin"])
        assert (refused["errorcode"], "make another one first" in refused["errortext"]) == (
            431,
            True,
        )
        assert (await world.call("listAccounts"))["account"][0]["state"] == "enabled"

    in_world(tmp_path, scenario)


def test_who_sees_and_manages_which(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        boss = await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN)
        web = await world.user("web", "ROOT/acme")
        await world.user("deep", "ROOT/acme/tests")
        await world.user("other", "ROOT/other")
        ids = await world.ids()
        assert await names(world) == ["admin"]
        assert await names(world, domainid=ids["acme"], isrecursive="true") == [
            "boss",
            "web",
            "deep",
        ]
        assert await names(world, accounttype="2", listall="true") == ["boss"]
        assert await names(world, boss, listall="true") == ["boss", "web", "deep"]
        assert await names(world, boss, name="deep") == ["deep"]
        assert await names(world, boss, name="other") == []
        assert await names(world, web, listall="true") == ["web"]
        assert await names(world, web, name="boss") == []
        assert await names(world, boss, id=ids["admin"]) == []
        for command in ("disableAccount", "deleteAccount"):
            for account in ("admin", "other"):
                assert (await job(world, command, boss, id=ids[account]))["errorcode"] == 531
        for given in (
            {"accounttype": "1"},
            {"accounttype": "0", "domainid": ids["ROOT"]},
            {"accounttype": "0", "domainid": ids["other"]},
        ):
            refused = await world.call("createAccount", boss, username="x", **given)
            assert refused["errorcode"] == 531
        made = await world.call(
            "createAccount", boss, accounttype="2", username="x", domainid=ids["tests"]
        )
        assert made["account"]["domainpath"] == "ROOT/acme/tests"
        assert (await world.call("createAccount", web, accounttype="0", username="y"))[
            "errorcode"
        ] == 432

    in_world(tmp_path, scenario)
