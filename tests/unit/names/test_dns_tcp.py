import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from consoleproxy.names.dns_tcp import TcpLimits, TcpResponder

_LIMIT_SECONDS = 5.0


def _upper(query: bytes) -> bytes | None:
    return query.upper() if query not in (b"silence", b"") else None


def _framed(*messages: bytes) -> bytes:
    return b"".join(len(message).to_bytes(2, "big") + message for message in messages)


@dataclass(frozen=True, slots=True)
class _Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, *queries: bytes) -> list[bytes]:
        self.writer.write(_framed(*queries))
        return [await self.answer() for _ in queries]

    async def answer(self) -> bytes:
        size = int.from_bytes(await self.reader.readexactly(2), "big")
        return await self.reader.readexactly(size)

    async def is_cut(self) -> bool:
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True


class _Server:
    def __init__(self, responder: TcpResponder, port: int) -> None:
        self.responder = responder
        self.port = port
        self.clients: list[_Client] = []

    async def client(self) -> _Client:
        self.clients.append(_Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.clients[-1]


@asynccontextmanager
async def _serving(limits: TcpLimits) -> AsyncIterator[_Server]:
    responder = TcpResponder(_upper, limits)
    listener = await asyncio.get_running_loop().create_server(responder, "127.0.0.1", 0)
    server = _Server(responder, listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        responder.close()
        assert len(responder) == 0
        for client in server.clients:
            client.writer.transport.abort()
        await asyncio.gather(
            *(client.writer.wait_closed() for client in server.clients), return_exceptions=True
        )


def _run(story: Callable[[_Server], Awaitable[None]], **limits: float) -> None:
    async def limited() -> None:
        async with (
            asyncio.timeout(_LIMIT_SECONDS),
            _serving(TcpLimits(**limits)) as server,  # type: ignore[arg-type]
        ):
            await story(server)

    asyncio.run(limited())


def test_queries_one_after_the_other() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        assert await client.ask(b"one") == [b"ONE"]
        assert await client.ask(b"two") == [b"TWO"]

    _run(story)


def test_queries_in_one_write_and_in_pieces() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        many = [b"q%d" % number for number in range(200)]
        assert await client.ask(*many) == [query.upper() for query in many]
        for byte in _framed(b"pieces"):
            client.writer.write(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert await client.answer() == b"PIECES"

    _run(story)


def test_a_client_that_has_nothing_more_to_say_is_still_answered() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        many = [b"x" * 100] * 500
        client.writer.write(_framed(*many))
        client.writer.write_eof()
        assert [await client.answer() for _ in many] == [b"X" * 100] * 500
        assert await client.reader.read() == b""

    _run(story)


def test_half_a_query_and_an_end() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        client.writer.write(_framed(b"whole") + b"\0")
        client.writer.write_eof()
        assert await client.answer() == b"WHOLE"
        assert await client.reader.read() == b""

    _run(story)


@pytest.mark.parametrize("query", [b"silence", b""])
def test_garbage_ends_the_connection(query: bytes) -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        client.writer.write(_framed(query))
        assert await client.is_cut()

    _run(story)


def test_a_client_that_does_not_read_is_not_read_either_and_loses_nothing() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        long, count = b"x" * 60_000, 400
        client.writer.write(_framed(*[long] * count))
        other = await server.client()
        assert await other.ask(b"meanwhile") == [b"MEANWHILE"]
        for _ in range(count):
            assert await client.answer() == long.upper()

    _run(story)


def test_an_idle_connection_is_closed_even_if_bytes_trickle() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        assert await client.ask(b"one") == [b"ONE"]
        client.writer.write(b"\0")
        assert await client.is_cut()
        assert len(server.responder) == 0
        again = await server.client()
        assert await again.ask(b"two") == [b"TWO"]
        assert await again.is_cut()

    _run(story, idle=0.05)


def test_each_connection_has_its_own_time() -> None:
    async def story(server: _Server) -> None:
        first = await server.client()
        await first.ask(b"one")
        second = await server.client()
        await second.ask(b"one")
        assert await first.is_cut()
        assert await second.is_cut()

    _run(story, idle=0.05)


def test_the_longest_idle_makes_room() -> None:
    async def story(server: _Server) -> None:
        first = await server.client()
        await first.ask(b"one")
        second = await server.client()
        await second.ask(b"one")
        await first.ask(b"two")
        third = await server.client()
        assert await third.ask(b"one") == [b"ONE"]
        assert await second.is_cut()
        assert await first.ask(b"three") == [b"THREE"]
        assert len(server.responder) == 2

    _run(story, connections=2)


def test_the_end_cuts_all() -> None:
    async def story(server: _Server) -> None:
        client = await server.client()
        await client.ask(b"one")
        server.responder.close()
        assert await client.is_cut()

    _run(story)
