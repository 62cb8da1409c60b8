from pathlib import Path

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.records.users import Keys
from tests.unit.management.world import World, in_world


async def names(world: World, keys: Keys | None = None, **given: str) -> list[str]:
    answer = await world.call("listUsers", keys, **given)
    return [user["username"] for user in answer.get("user", [])]


def test_a_user_gets_keys_and_calls(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.user("web", "ROOT/acme")
        ids = await world.ids()
        given = {"account": "web", "domainid": ids["acme"], "password": "s3cret", "email": "j@x"}
        user = (await world.call("createUser", username="jane", **given))["user"]
        assert {**user, "id": ""} == {
            "id": "",
            "username": "jane",
            "state": "enabled",
            "account": "web",
            "accountid": ids["web"],
            "accounttype": 0,
            "roletype": "User",
            "rolename": "User",
            "domainid": ids["acme"],
            "domain": "acme",
        }
        first = (await world.call("registerUserKeys", id=user["id"]))["userkeys"]
        second = (await world.call("registerUserKeys", id=user["id"]))["userkeys"]
        old, new = (Keys(keys["apikey"], keys["secretkey"]) for keys in (first, second))
        assert (await world.call("listUsers", old))["errorcode"] == 401
        (found,) = (await world.call("listUsers", new, id=user["id"]))["user"]
        assert found == {**user, "apikey": new.api_key}
        assert (await world.call("deleteUser", id=user["id"])) == {"success": True}
        assert (await world.call("listUsers", new))["errorcode"] == 401

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        ({"username": "a/b"}, 4350, "cannot be the name of a user"),
        ({"username": "web"}, 4350, "already exists in domain ROOT/acme"),
        ({"username": "jane", "account": "nobody"}, 4350, "Unable to find account nobody"),
        ({"username": " "}, 9999, "missing parameter username"),
    ],
)
def test_users_that_cannot_be(tmp_path: Path, given: dict[str, str], code: int, text: str) -> None:
    async def scenario(world: World) -> None:
        await world.user("web", "ROOT/acme")
        whole = {"account": "web", "domainid": (await world.ids())["acme"], **given}
        answer = await world.call("createUser", **whole)
        assert (answer["errorcode"], answer["cserrorcode"]) == (431, code)
        assert text in answer["errortext"]

    in_world(tmp_path, scenario)


def test_who_sees_whom(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        boss = await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN)
        web = await world.user("web", "ROOT/acme")
        await world.user("other", "ROOT/other")
        ids = await world.ids()
        assert await names(world) == ["admin"]
        assert await names(world, listall="true") == ["admin", "boss", "web", "other"]
        assert await names(world, listall="true", username="web") == ["web"]
        assert await names(world, listall="true", keyword="O") == ["boss", "other"]
        assert await names(world, listall="true", state="disabled") == []
        assert await names(world, boss, listall="true") == ["boss", "web"]
        assert await names(world, web, listall="true") == ["web"]
        assert await names(world, web, id=ids["boss's"]) == []
        assert await names(world, boss, id=ids["admin's"]) == []

    in_world(tmp_path, scenario)


def test_keys_are_given_to_oneself_and_to_whom_one_manages(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        boss = await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN)
        web = await world.user("web", "ROOT/acme")
        await world.user("web", "ROOT/acme", name="peer")
        ids = await world.ids()

        async def code(keys: Keys, whom: str) -> int:
            answer = await world.call("registerUserKeys", keys, id=ids[whom])
            return int(answer.get("errorcode", 200))

        assert await code(boss, "admin's") == 531
        assert await code(boss, "peer's") == 200
        assert await code(web, "boss's") == 531
        assert await code(web, "peer's") == 531
        assert await code(web, "web's") == 200
        assert (await world.call("createUser", web, username="x", account="web"))[
            "errorcode"
        ] == 401

    in_world(tmp_path, scenario)


def test_the_last_root_admin_stays(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.user("other", "ROOT", Role.ADMIN)
        ids = await world.ids()
        first = await world.call("deleteUser", id=ids["admin's"])
        assert "began with cannot be deleted" in first["errortext"]
        job = await world.call("disableAccount", id=ids["other"])
        assert (await world.call("queryAsyncJobResult", **job))["jobstatus"] == 1
        job = await world.call("disableAccount", id=ids["admin"])
        result = await world.call("queryAsyncJobResult", **job)
        assert "no root admin who is enabled" in result["jobresult"]["errortext"]
        assert (await world.call("listUsers"))["count"] == 1

    in_world(tmp_path, scenario)


def test_secret_keys_are_shown_once_and_in_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        await world.user("web")
        ids = await world.ids()
        keys = (await world.call("registerUserKeys", id=ids["web's"]))["userkeys"]
        for command in ("listUsers", "listAccounts"):
            assert keys["secretkey"] not in str(await world.call(command, listall="true"))
        assert keys["secretkey"] not in caplog.text

    with caplog.at_level(0):
        in_world(tmp_path, scenario)
