import asyncio

import pytest

from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.requests import ManagementServers
from consoleproxy.agent.route import Route
from tests.waiting import free_port


def route(text: str, port: int = 8250) -> Route:
    return Route(HostList.parse(text), port)


def test_servers_one_after_the_other() -> None:
    at = route("a,b")
    assert [at.next(), at.next(), at.next()] == ["a", "b", "a"]


def test_a_server_that_is_about_to_stop_is_tried_where_no_other_works() -> None:
    at = route("a,b")
    at.next()
    at.avoid(["a"])
    assert [at.next(), at.next()] == ["b", "b"]
    at.failed()
    assert at.next() == "b"
    at.failed()
    assert at.next() == "a"


def test_a_server_that_takes_the_agent_makes_up_for_failures() -> None:
    at = route("a,b")
    at.avoid(["a"])
    at.next()
    at.failed()
    at.arrived()
    at.failed()
    assert at.next() == "b"


def test_a_list_needs_its_algorithm() -> None:
    at = route("a,b")
    at.told(ManagementServers(hosts=("x", "y")))
    assert str(at.servers) == "a,b"
    at.told(ManagementServers(hosts=("x", "y"), algorithm="static"))
    assert str(at.servers) == "x,y@static"
    with pytest.raises(ValueError):
        at.told(ManagementServers(hosts=("x; reboot",), algorithm="static"))
    assert str(at.servers) == "x,y@static"


def test_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._MIGRATE_AFTER_SECONDS", 0.01)

    async def story() -> None:
        at = route("a,b")
        at.next()
        assert not at.transferred
        at.migrate(ManagementServers(hosts=("a", "b"), avoided=("a",), algorithm="static"))
        async with asyncio.timeout(5):
            await at.moved_on()
        assert at.transferred
        assert at.next() == "b"
        at.arrived()
        assert not at.transferred

    asyncio.run(story())


def test_dismissal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._AFTER_ANSWER_SECONDS", 0.01)

    async def story() -> None:
        at = route("a")
        at.next()
        at.leave()
        async with asyncio.timeout(5):
            await at.moved_on()

    asyncio.run(story())


def test_home_again_once_the_preferred_server_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._PROBE_SECONDS", 0.05)

    async def story() -> None:
        port = free_port()
        at = route("127.0.0.1,127.0.0.2", port)
        at.next()
        assert at.next() == "127.0.0.2"
        at.told(
            ManagementServers(hosts=("127.0.0.1", "127.0.0.2"), algorithm="static", check_seconds=1)
        )
        at.next()
        assert at.next() == "127.0.0.2"
        moving = asyncio.get_running_loop().create_task(at.moved_on(), name="moving")
        server = await asyncio.start_server(_hang_up, "127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                await moving
        finally:
            server.close()
            await server.wait_closed()
        assert at.next() == "127.0.0.1"

    asyncio.run(story())


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
