"""Connecting for real, on loopback."""

import asyncio
import socket

import pytest

from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.dial import dial
from consoleproxy.hypervisor.target import TcpTarget


def _listening(host: str = "127.0.0.1", backlog: int = 5) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind((host, 0))
    listener.listen(backlog)
    return listener


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_connects_without_delay_of_small_writes(host: str) -> None:
    async def story(port: int) -> None:
        wire = await dial(TcpTarget(host, port), 5)
        sock = wire.detach()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        sock.close()

    with _listening("::1" if host == "::1" else "127.0.0.1") as listener:
        asyncio.run(story(listener.getsockname()[1]))


def test_a_closed_port_is_unreachable() -> None:
    with _listening() as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HypervisorUnreachable, match="refused"):
        asyncio.run(_dial_and_close(TcpTarget("127.0.0.1", port), 5))


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(HypervisorUnreachable):
        asyncio.run(_dial_and_close(TcpTarget("no-such-host.invalid", 5900), 20))


def test_silence_is_unreachable_within_the_limit() -> None:
    # A full backlog drops further handshakes: the kernel's own silent host.
    with _listening(backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            with pytest.raises(HypervisorUnreachable, match=r"within 0\.2 s"):
                asyncio.run(_dial_and_close(TcpTarget("127.0.0.1", address[1]), 0.2))


async def _dial_and_close(target: TcpTarget, limit: float) -> None:
    (await dial(target, limit)).close()
