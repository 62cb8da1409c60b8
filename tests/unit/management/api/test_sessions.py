"""``listConsoleSessions``: by whatever an operator looks for, page by page."""

from pathlib import Path

import pytest

from consoleproxy.management.fleet.cleanup import CleanUp
from tests.unit.management.world import WEB, World, in_world


def test_console_sessions(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        (session,) = (await world.call("listConsoleSessions"))["consolesession"]
        assert {**session, "id": ""} == {
            "id": "",
            "created": "2026-01-01T00:00:00+0000",
            "account": "admin",
            "virtualmachineid": WEB.uuid,
            "virtualmachinename": "web01",
            "hostname": "cpvm-1",
            "consoleendpointcreatoraddress": "127.0.0.1",
        }
        assert await world.call("listConsoleSessions", activeonly="true") == {}
        assert await world.call("listConsoleSessions", acquired="true") == {}
        unused = await world.call("listConsoleSessions", acquired="false", id=session["id"])
        assert unused["count"] == 1
        wrong = await world.call("listConsoleSessions", activeonly="perhaps")
        assert wrong["errorcode"] == 431

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("found", "not_found"),
    [
        ({"virtualmachineid": WEB.uuid.upper()}, {"virtualmachineid": "another"}),
        ({"account": "admin"}, {"account": "Admin"}),
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
