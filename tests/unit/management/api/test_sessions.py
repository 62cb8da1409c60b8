"""``listConsoleSessions``: by whatever an operator looks for, page by page."""

from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.fleet.cleanup import CleanUp
from consoleproxy.management.inventory.machines import Inventory
from tests.unit.management.world import PROXY, WEB, World, in_world

OURS = replace(WEB, uuid=f"1{WEB.uuid[1:]}", name="ours", domain="ROOT/acme", account="web")
THEIRS = replace(
    WEB, uuid=f"2{WEB.uuid[1:]}", name="theirs", domain="ROOT/acme/tests", account="deep"
)


def test_console_sessions(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        (session,) = (await world.call("listConsoleSessions"))["consolesession"]
        caller = world.server.account.caller
        assert {**session, "id": ""} == {
            "id": "",
            "domainid": caller.domain_uuid,
            "accountid": caller.account_uuid,
            "userid": caller.user_uuid,
            "created": "2026-01-01T00:00:00+0000",
            "account": "admin",
            "virtualmachineid": WEB.uuid,
            "virtualmachinename": "web01",
            "hostid": "cpvm-1",
            "hostname": "cpvm-1",
            "consoleendpointcreatoraddress": "127.0.0.1",
        }
        assert await world.call("listConsoleSessions", activeonly="true") == {}
        assert await world.call("listConsoleSessions", acquired="true") == {}
        unused = await world.call("listConsoleSessions", acquired="false", id=session["id"])
        assert unused["count"] == 1
        wrong = await world.call("listConsoleSessions", activeonly="perhaps")
        assert wrong["errorcode"] == 431
        unknown = await world.call("listConsoleSessions", endreason="bored")
        assert unknown["errorcode"] == 431
        assert "viewer-left, viewer-lost" in unknown["errortext"]

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("found", "not_found"),
    [
        ({"virtualmachineid": WEB.uuid.upper()}, {"virtualmachineid": "another"}),
        ({"account": "admin"}, {"userid": "nobody"}),
        ({"hostid": "cpvm-1"}, {"hostid": "cpvm-2"}),
        (
            {"consoleendpointcreatoraddress": "127.0.0.1"},
            {"consoleendpointcreatoraddress": "192.0.2.1"},
        ),
        ({"acquired": "false"}, {"clientaddress": "192.0.2.1"}),
        ({"startdate": "2026-01-01", "enddate": "2026-01-01"}, {"startdate": "2026-01-02"}),
        ({"enddate": "2026-01-01 00:00:00"}, {"enddate": "2025-12-31"}),
    ],
)
def test_sessions_by_what_is_known_of_them(
    tmp_path: Path, found: dict[str, str], not_found: dict[str, str]
) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        assert (await world.call("listConsoleSessions", **found))["count"] == 1
        assert await world.call("listConsoleSessions", **not_found) == {}

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("who", "filters", "found"),
    [
        (None, {}, {"admin", "web", "deep"}),
        (None, {"listall": "false"}, {"admin"}),
        (None, {"account": "web", "domainid": "acme"}, {"web"}),
        (None, {"domainid": "acme"}, {"web"}),
        (None, {"domainid": "acme", "isrecursive": "true"}, {"web", "deep"}),
        ("boss", {}, {"web", "deep"}),
        ("boss", {"domainid": "acme"}, {"web"}),
        ("boss", {"userid": "web's"}, {"web"}),
        ("boss", {"domainid": "ROOT"}, 531),
        ("boss", {"account": "admin"}, 431),
        ("web", {}, {"web"}),
        ("web", {"listall": "true"}, {"web"}),
        ("web", {"userid": "deep's"}, set()),
        ("web", {"account": "deep"}, 531),
        ("web", {"domainid": "ROOT"}, 531),
    ],
)
def test_sessions_are_shown_to_who_may_see_them(
    tmp_path: Path, who: str | None, filters: dict[str, str], found: set[str] | int
) -> None:
    async def scenario(world: World) -> None:
        await world.register(replace(PROXY, session_max=9))
        keys = {
            "boss": await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN),
            "web": await world.user("web", "ROOT/acme"),
            "deep": await world.user("deep", "ROOT/acme/tests"),
        }
        ids = await world.ids()
        await world.console(virtualmachineid=WEB.uuid)
        for name, vm in (("web", OURS), ("deep", THEIRS)):
            answer = await world.call("createConsoleEndpoint", keys[name], virtualmachineid=vm.uuid)
            assert answer["consoleendpoint"]["success"], answer
        given = {
            name: ids.get(value, value) for name, value in filters.items() if name != "account"
        }
        given |= {"account": filters["account"]} if "account" in filters else {}
        caller = keys[who] if who else None
        answer = await world.call("listConsoleSessions", caller, **given)
        if isinstance(found, int):
            assert answer["errorcode"] == found
        else:
            assert {one["account"] for one in answer.get("consolesession", [])} == found

    in_world(tmp_path, scenario, inventory=Inventory([WEB, OURS, THEIRS]))


def test_sessions_are_ended_by_who_may_see_them(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register(replace(PROXY, session_max=9))
        keys = {
            "boss": await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN),
            "web": await world.user("web", "ROOT/acme"),
            "deep": await world.user("deep", "ROOT/acme/tests"),
        }
        for who, owner, vm, allowed in (
            ("web", "deep", THEIRS, False),
            ("deep", "web", OURS, False),
            ("web", "web", OURS, True),
            ("boss", "deep", THEIRS, True),
            (None, "deep", THEIRS, True),
        ):
            await world.call("createConsoleEndpoint", keys[owner], virtualmachineid=vm.uuid)
            newest, *_ = (await world.call("listConsoleSessions"))["consolesession"]
            caller = keys[who] if who else None
            answer = await world.call("endConsoleSession", caller, id=newest["id"])
            assert ("success" in answer) is allowed, (who, answer)
            if not allowed:
                assert "there is no such console session" in answer["errortext"]

    in_world(tmp_path, scenario, inventory=Inventory([WEB, OURS, THEIRS]))


def test_pages_hold_each_session_once_the_newest_first(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        for _ in range(5):
            await world.console(virtualmachineid=WEB.uuid)
            world.clock.now += 1
        seen = []
        for page in ("1", "2", "3"):
            answer = await world.call("listConsoleSessions", page=page, pagesize="2")
            assert answer["count"] == 5
            seen += [session["created"][-9:-5] for session in answer["consolesession"]]
        assert seen == ["0:04", "0:03", "0:02", "0:01", "0:00"]
        assert await world.call("listConsoleSessions", page="4", pagesize="2") == {}

    in_world(tmp_path, scenario)


def test_what_is_over_for_longer_than_the_setting_says_is_gone(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        clean_up = CleanUp(
            database=world.server.issuer.database, live=world.server.issuer.live, clock=world.clock
        )
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        for hours, known in ((9, 2), (2, 2)):
            world.clock.now += hours * 3600
            await world.register()
            await world.console(virtualmachineid=WEB.uuid)
            await clean_up.clean()
            assert (await world.call("listConsoleSessions"))["count"] == known

    in_world(tmp_path, scenario, session_retention_hours=10)


def test_a_link_that_an_operator_ended_is_of_no_use(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        (session,) = (await world.call("listConsoleSessions"))["consolesession"]
        assert "endreason" not in session
        answer = await world.call("endConsoleSession", id=session["id"].upper())
        assert answer["success"] is True
        assert "no use" in answer["displaytext"]
        found = await world.call("listConsoleSessions", endreason="operator")
        assert found["consolesession"][0]["endreason"] == "operator"
        assert await world.call("listConsoleSessions", endreason="idle") == {}
        again = await world.call("endConsoleSession", id=session["id"])
        assert again["errorcode"] == 431
        assert "has ended already" in again["errortext"]

    in_world(tmp_path, scenario)


@pytest.mark.parametrize("given", [{}, {"id": "unknown"}])
def test_sessions_that_cannot_be_ended(tmp_path: Path, given: dict[str, str]) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("endConsoleSession", **given)
        assert answer["errorcode"] == 431

    in_world(tmp_path, scenario)


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("listConsoleSessions", startdate="yesterday")
        assert answer["errorcode"] == 431
        assert "startdate must be a date" in answer["errortext"]

    in_world(tmp_path, scenario)
