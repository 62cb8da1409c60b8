import asyncio

import pytest

from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.requests import ManagementServers
from consoleproxy.agent.route import Route
from tests.waiting import free_port

pytestmark = pytest.mark.server


def route(text: str, port: int = 8250) -> Route:
    return Route(HostList.parse(text), None, port)


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


def test_a_list_of_an_earlier_run_comes_before_that_of_the_boot_arguments() -> None:
    at = Route(HostList.parse("a,b"), HostList.parse("x,a@static"), 8250)
    assert str(at.listed) == "x,a@static"
    tried = []
    for _ in range(6):
        tried.append(at.next())
        at.failed()
    assert tried == ["x", "a", "b", "x", "a", "b"]


def test_a_list_that_no_server_has_sent_is_not_remembered() -> None:
    at = route("a,b")
    at.told(ManagementServers())
    assert at.listed is None
    at.told(ManagementServers(hosts=("a", "b"), algorithm="static"))
    assert str(at.listed) == "a,b@static"


def test_what_is_to_be_avoided_stays_so_where_the_server_does_not_say() -> None:
    at = route("a,b")
    at.avoid(["a"])
    at.avoid(None)
    at.told(ManagementServers())
    assert [at.next(), at.next()] == ["b", "b"]
    at.told(ManagementServers(avoided=()))
    assert at.next() == "a"


async def _listening(address: str, port: int) -> asyncio.Server:
    return await asyncio.start_server(_wait, address, port)


async def _wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("up", [True, False])
def test_migration(monkeypatch: pytest.MonkeyPatch, up: bool) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._MIGRATE_AFTER_SECONDS", 0.01)
    monkeypatch.setattr("consoleproxy.agent.route._SECOND_LOOK_SECONDS", 0.01)

    async def story() -> None:
        port = free_port()
        at = route("127.0.0.1,127.0.0.2", port)
        at.next()
        assert not at.transferred
        server = await _listening("127.0.0.2" if up else "127.0.0.3", port)
        at.migrate(
            ManagementServers(
                hosts=("127.0.0.1", "127.0.0.2"), avoided=("127.0.0.1",), algorithm="static"
            )
        )
        try:
            async with asyncio.timeout(5 if up else 0.2):
                await at.moved_on()
        except TimeoutError:
            assert not up
        finally:
            server.close()
            await server.wait_closed()
        assert at.transferred is up
        if up:
            assert at.next() == "127.0.0.2"
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
        server = await _listening("127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                await moving
        finally:
            server.close()
            await server.wait_closed()
        assert at.next() == "127.0.0.1"

    asyncio.run(story())


def test_a_server_in_maintenance_hangs_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._MIGRATE_AFTER_SECONDS", 0.01)

    async def story() -> None:
        port = free_port()
        at = route("127.0.0.1,127.0.0.2", port)
        at.next()
        server = await asyncio.start_server(_hang_up, "127.0.0.2", port)
        at.migrate(ManagementServers(avoided=("127.0.0.1",)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await at.moved_on()
        server.close()
        await server.wait_closed()

    asyncio.run(story())


def test_an_impossible_interval_is_none() -> None:
    async def story() -> None:
        at = route("a,b")
        at.next()
        at.next()
        at.told(ManagementServers(check_seconds=-1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await at.moved_on()

    asyncio.run(story())


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
