import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.storage.database import Database
from tests.unit.management.world import WEB, World, in_world

_PAGES = ("/", "/proxies", "/sessions", "/machines", "/certificates")


def basic(key: str) -> Mapping[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"me:{key}".encode()).decode()}


def test_headers_of_every_page(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for path in (*_PAGES, "/login", "/style.css", "/nothing", "/console/x"):
            headers = (await world.fetch(path)).headers
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert (headers["Cache-Control"] == "no-store") is (path != "/style.css")
            assert "Server" not in headers

    in_world(tmp_path, scenario)


def test_what_pages_have_in_common(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for path in _PAGES:
            text = (await world.fetch(path)).body.decode()
            assert f'<a href="{path}" aria-current="page">' in text
            assert text.count("<h1>") == text.count("<main ") == text.count("</html>") == 1
            assert "<script" not in text
            assert "Log out" not in text

    in_world(tmp_path, scenario)


def test_page_key(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for path in (*_PAGES, "/metrics"):
            for headers in ({}, basic("wrong"), {"Authorization": "Bearer x"}):
                refused = await world.fetch(path, headers=headers)
                assert refused.code == 401
                assert refused.headers["WWW-Authenticate"].startswith("Basic ")
                assert "web01" not in refused.body.decode()
                assert "<nav" not in refused.body.decode()
            assert (await world.fetch(path, headers=basic("the key"))).code == 200

    in_world(tmp_path, scenario, page_key="the key")


def test_page_key_of_what_is_sent(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        origin = {"Origin": world.url}
        for path, code in ((f"/console/{WEB.uuid}", 303), ("/certificates", 422)):
            assert (await world.fetch(path, body="", headers=origin)).code == 401
            response = await world.fetch(path, body="", headers={**origin, **basic("the key")})
            assert response.code == code

    in_world(tmp_path, scenario, page_key="the key")


def test_people_are_sent_to_the_login_page(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        browser = {"Accept": "text/html,*/*"}
        response = await world.fetch("/machines?q=web+1&page=2", headers=browser)
        assert response.code == 303
        assert response.headers["Location"] == "/login?next=%2Fmachines%3Fq%3Dweb%2B1%26page%3D2"
        assert "web01" not in response.body.decode()
        response = await world.fetch(f"/console/{WEB.uuid}", body="", headers=browser)
        assert response.headers["Location"] == "/login?next=%2F"

    in_world(tmp_path, scenario, page_key="the key")


def test_keys_that_are_guessed(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for _ in range(10):
            assert (await world.fetch("/metrics", headers=basic("guess"))).code == 401
        response = await world.fetch("/metrics", headers=basic("the key"))
        assert response.code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 30
        assert "Too many wrong keys" in response.body.decode()

    in_world(tmp_path, scenario, page_key="the key")


def test_page_answers_to_its_own_names_only(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for name, status in [("evil.example", 403), ("localhost", 200)]:
            host = f"{name}:{world.server.port}"
            response = await world.fetch("/", headers={"Host": host})
            assert response.code == status
            assert ("web01" in response.body.decode()) is (status == 200)
        host = f"evil.example:{world.server.port}"
        headers = {"Host": host, "Origin": f"http://{host}"}
        response = await world.fetch(f"/console/{WEB.uuid}", body="", headers=headers)
        assert response.code == 403

    in_world(tmp_path, scenario)


def test_a_page_that_comes_again_by_itself(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        once = (await world.fetch("/machines?q=a%26b")).body.decode()
        assert 'http-equiv="refresh"' not in once
        assert 'href="/machines?q=a%26b&amp;refresh=10"' in once
        again = (await world.fetch("/machines?q=a%26b&refresh=10")).body.decode()
        assert '<meta http-equiv="refresh" content="10">' in again
        assert 'href="/machines?q=a%26b">Stop refreshing' in again
        for other in ("0", "1", "10;url=http://evil.example"):
            assert "http-equiv" not in (await world.fetch(f"/?refresh={other}")).body.decode()

    in_world(tmp_path, scenario)


def test_while_the_database_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(self: Database, work: object) -> None:
        raise ManagementRequestRefused(530, "the database does not answer")

    async def scenario(world: World) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Database, "run", away)
            response = await world.fetch("/sessions")
        assert response.code == 503
        assert "the database does not answer" in response.body.decode()

    in_world(tmp_path, scenario)


def test_method_that_a_page_does_not_have(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        response = await world.fetch("/", body="", headers={"Origin": world.url})
        assert response.code == 405
        assert "This is not possible" in response.body.decode()

    in_world(tmp_path, scenario)
