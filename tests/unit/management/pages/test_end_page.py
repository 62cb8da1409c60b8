import logging
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse

from consoleproxy.management.records.sessions import acquire, sessions
from tests.unit.management.world import WEB, World, in_world

_BACK = "/sessions?account=admin&page=2"
_NOBODY = "870ed27a-4852-4fb3-a37d-c4c10a1d202f"


async def opened(world: World) -> str:
    """Return the uuid of an open console."""
    await world.register()
    await world.console(virtualmachineid=WEB.uuid)
    database = world.server.issuer.database
    (session,) = await database.run(sessions)
    use = partial(
        acquire,
        uuid=session.uuid,
        vm_uuid=WEB.uuid,
        proxy="cpvm-1",
        client_address="203.0.113.7",
        now=world.clock.now,
    )
    await database.run(use)
    return session.uuid


async def send(world: World, uuid: str, origin: str = "", back: str = "") -> HTTPResponse:
    headers = {"Origin": origin or world.url}
    body = urlencode({"back": back}) if back else ""
    return await world.fetch(f"/sessions/{uuid}/end", body=body, headers=headers)


def test_asks_once_more(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        uuid = await opened(world)
        link = f"/sessions/{uuid}/end?{urlencode({'back': _BACK})}"
        world.clock.now += 75
        listed = (await world.fetch("/sessions?account=admin&page=1")).body.decode()
        assert f'href="/sessions/{uuid}/end?back=' in listed
        text = (await world.fetch(link)).body.decode()
        assert "End the console of web01?" in text
        assert "203.0.113.7" in text
        assert "1 min 15 s" in text
        assert f'value="{_BACK.replace("&", "&amp;")}"' in text

    in_world(tmp_path, scenario)


def test_ends_it_and_leads_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        uuid = await opened(world)
        response = await send(world, uuid, back=_BACK)
        assert (response.code, response.headers["Location"]) == (303, f"{_BACK}&ended={uuid}")
        text = (await world.fetch(f"/sessions?ended={uuid}")).body.decode()
        assert 'role="status"' in text
        assert ">ending<" in text
        answer = await world.call("listConsoleSessions")
        assert answer["consolesession"][0]["id"] == uuid
        # The proxy falls silent: then the order alone ends it, in the books.
        world.clock.now += 60
        response = await send(world, uuid, back="//evil.example")
        assert response.headers["Location"] == f"/sessions?ended={uuid}"
        text = (await world.fetch("/sessions?show=all")).body.decode()
        assert "ended by an operator" in text
        assert "It is not open." in (await world.fetch(f"/sessions/{uuid}/end")).body.decode()

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario)
    assert "an operator on the pages ends a console session from 127.0.0.1" in caplog.messages


def test_session_that_nobody_knows(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert (await world.fetch(f"/sessions/{_NOBODY}/end")).code == 404
        assert (await send(world, _NOBODY)).code == 404

    in_world(tmp_path, scenario)


def test_form_of_another_page(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        uuid = await opened(world)
        assert (await send(world, uuid, origin="http://evil.example")).code == 403
        world.clock.now += 60
        assert ">End<" in (await world.fetch("/sessions")).body.decode()

    in_world(tmp_path, scenario)
