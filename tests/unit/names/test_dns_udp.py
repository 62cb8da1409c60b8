import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consoleproxy.names.dns_udp import UdpResponder
from consoleproxy.names.rate import RateLimit

_LIMIT_SECONDS = 5.0


def _upper(query: bytes) -> bytes | None:
    return query.upper() if query != b"silence" else None


@contextmanager
def _responder(address: str, rate: int = 1000) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((address, 0))
    port = sock.getsockname()[1]
    responder = UdpResponder(sock, _upper, lambda query: b"cut " + query, RateLimit(rate))
    try:
        yield port
    finally:
        responder.close()
        assert sock.fileno() == -1


async def _ask(server: str, port: int, *queries: bytes, answers: int) -> list[bytes]:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        # A connected socket hears nothing that comes from another address.
        client.connect((server, port))
        for query in queries:
            client.send(query)
        async with asyncio.timeout(_LIMIT_SECONDS):
            return [await loop.sock_recv(client, 4096) for _ in range(answers)]


@pytest.mark.parametrize(
    ("listen", "server"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.2"),
        ("::", "127.0.0.2"),
        ("::", "::1"),
        ("::1", "::1"),
    ],
)
def test_the_answer_comes_from_where_the_query_went(listen: str, server: str) -> None:
    async def story() -> list[bytes]:
        with _responder(listen) as port:
            return await _ask(server, port, b"hello", answers=1)

    assert asyncio.run(story()) == [b"HELLO"]


def test_silence_and_long_datagrams() -> None:
    async def story() -> list[bytes]:
        with _responder("127.0.0.1") as port:
            return await _ask("127.0.0.1", port, b"silence", b"a" * 5000, b"b", answers=2)

    assert asyncio.run(story()) == [b"A" * 4096, b"B"]


def test_more_than_a_batch_is_answered() -> None:
    async def story() -> list[bytes]:
        with _responder("127.0.0.1") as port:
            return await _ask("127.0.0.1", port, *[b"x"] * 150, answers=150)

    assert asyncio.run(story()) == [b"X"] * 150


def test_the_rate_limit_holds_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> list[bytes]:
        with _responder("127.0.0.1", rate=1) as port:
            return await _ask("127.0.0.1", port, b"1", b"2", b"3", b"4", answers=3)

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(story()) == [b"1", b"cut 2", b"cut 4"]
    assert sum("consoleproxy.dns.rate" in line for line in caplog.messages) == 1


def test_a_client_that_cannot_be_answered_stops_nobody() -> None:
    async def story() -> list[bytes]:
        with _responder("127.0.0.1") as port:
            with socket.socket(type=socket.SOCK_DGRAM) as gone:
                gone.sendto(b"hello", ("127.0.0.1", port))
            too_long = b"y" * 4000
            return await _ask("127.0.0.1", port, too_long, b"z", answers=2)

    assert asyncio.run(story()) == [b"Y" * 4000, b"Z"]
