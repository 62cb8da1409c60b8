import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import dns.asyncquery
import dns.message
import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.dns_server import running_dns_server
from tests.unit.names.sample import DOMAIN, zone

_QUERY = dns.message.make_query(f"192-0-2-1.{DOMAIN}", "A")


@pytest.mark.parametrize(
    ("listen", "servers"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("0.0.0.0", ["127.0.0.1", "127.0.0.3"]),
        ("::", ["127.0.0.1", "::1"]),
    ],
)
def test_udp_and_tcp_on_one_port(listen: str, servers: list[str]) -> None:
    async def story() -> None:
        async with running_dns_server(zone(), listen, 0, rate=100) as running:
            for server in servers:
                for by in (dns.asyncquery.udp, dns.asyncquery.tcp):
                    said = await by(_QUERY, server, timeout=5, port=running.port)
                    assert [str(rrset[0]) for rrset in said.answer] == ["192.0.2.1"]
            port = running.port
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(type=kind) as free:
                free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                free.bind(("127.0.0.1", port))

    asyncio.run(story())


async def _start(address: str, port: int) -> None:
    async with running_dns_server(zone(), address, port, rate=1):
        pass


@contextmanager
def _taken(kind: socket.SocketKind) -> Iterator[int]:
    with socket.socket(type=kind) as sock:
        sock.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        yield sock.getsockname()[1]


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_that_is_taken(kind: socket.SocketKind) -> None:
    with _taken(kind) as port, pytest.raises(SettingsInvalid) as refused:
        asyncio.run(_start("127.0.0.1", port))
    assert f"port {port}: Address already in use; end what listens there" in str(refused.value)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("example.org", "is not an IP address"),
        ("192.0.2.1", "set consoleproxy.dns.address to an address of this machine"),
    ],
)
def test_an_address_that_cannot_be_had(address: str, fault: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        asyncio.run(_start(address, 0))
    assert fault in str(refused.value)
