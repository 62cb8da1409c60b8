"""From a target to a connected wire, within a time limit."""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Sequence

import aiohappyeyeballs
from aiohappyeyeballs import AddrInfoType

from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.target import TcpTarget
from consoleproxy.wire import Wire

# RFC 8305 section 8 recommends 250 ms between attempts.
_ATTEMPT_DELAY_SECONDS = 0.25


async def dial(target: TcpTarget, limit: float) -> Wire:
    """Connect to the target.

    Args:
        limit: seconds for name resolution and connection together.

    Raises:
        HypervisorUnreachable: refused, no route, unknown name, or out of time.
    """
    try:
        async with asyncio.timeout(limit):
            sock = await aiohappyeyeballs.start_connection(
                await _resolve(target), happy_eyeballs_delay=_ATTEMPT_DELAY_SECONDS
            )
    except TimeoutError as error:
        raise HypervisorUnreachable(f"{target} did not answer within {limit:g} s") from error
    except OSError as error:
        raise HypervisorUnreachable(f"{target}: {_reason(error)}") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(sock)


async def _resolve(target: TcpTarget) -> Sequence[AddrInfoType]:
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError:
        return await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM
        )
    # A literal address needs no resolver, and so no thread.
    if isinstance(address, ipaddress.IPv4Address):
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (target.host, target.port))]
    return [(socket.AF_INET6, socket.SOCK_STREAM, 0, "", (target.host, target.port, 0, 0))]


def _reason(error: OSError) -> str:
    """Return the system's words: the event loop's own say less."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return str(error)
    return os.strerror(error.errno)
