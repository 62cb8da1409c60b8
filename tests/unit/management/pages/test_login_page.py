import logging
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from tornado.httpclient import HTTPResponse

from consoleproxy.management.pages.login import LOGIN_SECONDS
from tests.unit.management.world import World, in_world, running_world

KEY = "the pägekey"


async def log_in(
    world: World, key: str = KEY, next: str = "/", headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    return await world.fetch(
        "/login",
        body=urlencode({"key": key, "next": next}),
        headers={"Origin": world.url, **(headers or {})},
    )


def cookie_of(response: HTTPResponse) -> Mapping[str, str]:
    cookies = SimpleCookie(response.headers["Set-Cookie"])
    return {"Cookie": f"consoleproxy-login={cookies['consoleproxy-login'].value}"}


def test_log_in_and_out(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        form = (await world.fetch("/login?next=/sessions?show%3Dall")).body.decode()
        assert 'name="next" value="/sessions?show=all"' in form
        assert "<nav" not in form
        response = await log_in(world, next="/sessions?show=all")
        assert response.code == 303
        assert response.headers["Location"] == "/sessions?show=all"
        cookie, other = cookie_of(response), cookie_of(await log_in(world))
        page = await world.fetch("/", headers=cookie)
        assert page.code == 200
        assert "Log out" in page.body.decode()
        assert (await world.fetch("/login", headers=cookie)).headers["Location"] == "/"
        response = await world.fetch("/logout", body="", headers={"Origin": world.url, **cookie})
        assert response.headers["Location"] == "/login"
        assert cookie_of(response) == {"Cookie": "consoleproxy-login="}
        # A copy of it is of no use, and another login goes on.
        assert (await world.fetch("/", headers=cookie)).code == 401
        assert (await world.fetch("/login", headers=cookie)).code == 200
        assert (await world.fetch("/", headers=other)).code == 200

    in_world(tmp_path, scenario, page_key=KEY)


def test_servers_that_share_their_keys_share_logins(tmp_path: Path) -> None:
    async def scenario(one: World) -> None:
        async with running_world(tmp_path, page_key=KEY) as two:
            cookie = cookie_of(await log_in(one))
            assert (await two.fetch("/", headers=cookie)).code == 200
            await one.fetch("/logout", body="", headers={"Origin": one.url, **cookie})
            assert (await two.fetch("/", headers=cookie)).code == 401

    in_world(tmp_path, scenario, page_key=KEY)


def test_cookie(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        cookie = (await log_in(world)).headers["Set-Cookie"]
        kept = {f"Max-Age={LOGIN_SECONDS}", "HttpOnly", "Path=/", "SameSite=Strict"}
        assert kept <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert KEY not in cookie
        host = f"console.example.org:{world.server.port}"
        behind_tls = {"Host": host, "Origin": f"https://{host}"}
        response = await log_in(world, headers=behind_tls)
        assert "Secure" in response.headers["Set-Cookie"].split("; ")

    in_world(tmp_path, scenario, page_key=KEY)


def test_login_expires(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        cookie = cookie_of(await log_in(world))
        world.clock.now += LOGIN_SECONDS - 1
        assert (await world.fetch("/", headers=cookie)).code == 200
        world.clock.now += 1
        assert (await world.fetch("/", headers=cookie)).code == 401

    in_world(tmp_path, scenario, page_key=KEY)


def test_wrong_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        for key in ("", "wrong", KEY + " ", "x" * 100_000):
            response = await log_in(world, key)
            assert response.code == 403
            assert "Set-Cookie" not in response.headers
            assert 'role="alert">This is not the page key.' in response.body.decode()
            assert len(response.body) < 5000
        await log_in(world)

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario, page_key=KEY)
    assert caplog.messages.count("a wrong page key came from 127.0.0.1") == 4
    assert caplog.messages.count("an operator at 127.0.0.1 logged in to the pages") == 1
    assert KEY not in caplog.text


def test_guessing_is_slowed_down_and_logins_go_on(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        cookie = cookie_of(await log_in(world))
        for _ in range(10):
            assert (await log_in(world, "guess")).code == 403
        response = await log_in(world)
        assert response.code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 30
        assert "Set-Cookie" not in response.headers
        assert (await world.fetch("/", headers=cookie)).code == 200

    in_world(tmp_path, scenario, page_key=KEY)


def test_forms_of_other_pages(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        cookie = cookie_of(await log_in(world))
        for path in ("/login", "/logout"):
            for headers in (
                {"Origin": "http://evil.example"},
                {"Origin": ""},
                {"Sec-Fetch-Site": "cross-site"},
            ):
                given = {"Origin": world.url, **headers, **cookie}
                response = await world.fetch(path, body=urlencode({"key": KEY}), headers=given)
                assert response.code == 403
                assert "Set-Cookie" not in response.headers

    in_world(tmp_path, scenario, page_key=KEY)


def test_login_leads_to_our_own_pages_only(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        for elsewhere in (
            "http://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\tevil",
            "",
            "x",
            "/?a b",
            "/certificates\r\nX: y",
        ):
            assert (await log_in(world, next=elsewhere)).headers["Location"] == "/"

    in_world(tmp_path, scenario, page_key=KEY)


def test_without_a_key_there_is_nothing_to_log_in_to(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        page = "/settings/consoleproxy.sslEnabled?q=a%26b"
        response = await world.fetch(f"/login?next={quote(page)}")
        assert response.headers["Location"] == page
        response = await log_in(world, "")
        assert response.code == 303
        assert "Set-Cookie" not in response.headers

    in_world(tmp_path, scenario)


def test_login_page_answers_under_its_own_names_only(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert (await world.fetch("/login", headers={"Host": "evil.example"})).code == 403

    in_world(tmp_path, scenario)
