import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse

from tests.unit.management.world import World, in_world

_MAX = "consoleproxy.session.max"
_ORDER = "consoleproxy.assignment.order"
_EXTRA = "consoleproxy.extra.security.validation.enabled"


async def send(world: World, path: str, value: str = "", origin: str = "") -> HTTPResponse:
    headers = {"Origin": origin or world.url}
    return await world.fetch(f"/settings/{path}", body=urlencode({"value": value}), headers=headers)


async def value_of(world: World, name: str) -> str:
    (entry,) = (await world.call("listConfigurations", name=name))["configuration"]
    return str(entry["value"])


def test_change_and_reset(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        form = (await world.fetch(f"/settings/{_MAX}")).body.decode()
        assert 'value="20"' in form
        assert "Reset" not in form
        response = await send(world, _MAX, " 7 ")
        assert response.code == 303
        assert response.headers["Location"] == f"/settings?saved={_MAX}"
        assert await value_of(world, _MAX) == "7"
        assert "Reset" in (await world.fetch(f"/settings/{_MAX}")).body.decode()
        assert (await send(world, f"{_MAX}/reset")).code == 303
        assert await value_of(world, _MAX) == "20"

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario, session_max=20)
    who = "by an operator at 127.0.0.1, on the pages"
    assert [line for line in caplog.messages if line.startswith("setting ")] == [
        f"setting {_MAX} is 7 now, set {who}",
        f"setting {_MAX} is as each process has it again, reset {who}",
    ]


def test_fields(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        order = (await world.fetch(f"/settings/{_ORDER}")).body.decode()
        assert '<option value="emptiest" selected>' in order
        extra = (await world.fetch(f"/settings/{_EXTRA}")).body.decode()
        assert '<option value="false" selected>' in extra

    in_world(tmp_path, scenario)


def test_value_that_cannot_be(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        response = await send(world, _MAX, '"many"')
        text = response.body.decode()
        assert response.code == 422
        assert f'role="alert">{_MAX}: ' in text
        assert 'value="&quot;many&quot;"' in text
        assert await value_of(world, _MAX) == "50"

    in_world(tmp_path, scenario)


def test_secret_value(tmp_path: Path) -> None:
    name, url = "consoleproxy.capacity.webhook", "https://scale.example.org/a-token"

    async def scenario(world: World) -> None:
        assert (await send(world, name, url)).code == 303
        assert world.server.issuer.live.settings.capacity_webhook == url
        form = (await world.fetch(f"/settings/{name}")).body.decode()
        refused = await send(world, name, "another-token")
        assert "is not shown" in form
        assert "a-token" not in form
        assert refused.code == 422
        assert "another-token" not in refused.body.decode()
        assert "a-token" not in (await world.fetch("/settings?q=webhook")).body.decode()

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    "name", ["consoleproxy.management.secret", "consoleproxy.restart", "consoleproxy.nothing"]
)
def test_settings_that_are_not_changed_here(tmp_path: Path, name: str) -> None:
    async def scenario(world: World) -> None:
        assert (await world.fetch(f"/settings/{name}")).code == 404
        for path in (name, f"{name}/reset"):
            response = await send(world, path, "x")
            assert response.code == 404
            assert name in response.body.decode()

    in_world(tmp_path, scenario)


def test_forms_of_other_pages(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for path in (_MAX, f"{_MAX}/reset"):
            assert (await send(world, path, "7", "http://evil.example")).code == 403
        assert await value_of(world, _MAX) == "50"

    in_world(tmp_path, scenario)
