import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.management.channel.documents import WATCH_PATH
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.channel.transport import Transport
from tests.unit.management.world import PROXY, SECRET, running_world

BODY = Watch(proxy=PROXY.name, keystore_version="older").to_json()


async def ask(url: str, secret: str = SECRET) -> News:
    transport = Transport(url, secret)
    try:
        return await transport.ask(WATCH_PATH, BODY, News.from_json)
    finally:
        transport.close()


def test_question_and_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_world(tmp_path) as world:
            assert await ask(world.url + "/") == News()

    asyncio.run(main())


def test_wrong_secret_names_the_setting(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_world(tmp_path) as world:
            with pytest.raises(ManagementUnavailable, match=r"consoleproxy\.management\.secret"):
                await ask(world.url, "wrong")

    asyncio.run(main())


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "management.example.org:8088"])
def test_nobody_there(url: str) -> None:
    with pytest.raises(ManagementUnavailable, match="/cpvm/watch"):
        asyncio.run(ask(url))


def test_who_gives_up_leaves_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with running_world(tmp_path) as world:
            transport = Transport(world.url, SECRET)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await transport.ask(WATCH_PATH, Watch(proxy="").to_json(), News.from_json)
            transport.close()

    asyncio.run(main())
    assert caplog.text == ""


@asynccontextmanager
async def speaking(answer: bytes) -> AsyncIterator[str]:
    """The URL of a server that answers every connection with these bytes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"allowed": "no"}',
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n",
    ],
)
def test_servers_that_are_something_else(answer: bytes) -> None:
    async def main() -> None:
        async with speaking(answer) as url:
            with pytest.raises(ManagementUnavailable):
                await ask(url)

    asyncio.run(main())
