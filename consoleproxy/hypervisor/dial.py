"""From a target to a connection on which RFB can be spoken, within a time limit."""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohappyeyeballs
from aiohappyeyeballs import AddrInfoType

from consoleproxy.errors import HypervisorForbidden, HypervisorUnreachable
from consoleproxy.hypervisor.allowed import AllowedTargets
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.hypervisor.route import RouteCheck
from consoleproxy.hypervisor.target import (
    Target,
    TcpTarget,
    TunnelTarget,
    UnixTarget,
    WebSocketTarget,
)
from consoleproxy.hypervisor.tls import HypervisorTls, Secrecy
from consoleproxy.hypervisor.tunnel import open_tunnel
from consoleproxy.hypervisor.websocket import open_websocket
from consoleproxy.wire import Wire, tune_guest

# RFC 8305 section 8 recommends 250 ms between attempts.
_ATTEMPT_DELAY_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A connection that carries RFB.

    Args:
        received: RFB bytes that came behind a tunnel's opening.
        secrecy: of all that is sent on it.
        plain: TLS can be started on it.
        host: the name or address that a certificate on it must have; "" where there is none.
    """

    wire: Wire
    host: str = ""
    received: bytes = b""
    secrecy: Secrecy = field(default_factory=Secrecy)
    plain: bool = True

    @property
    def private(self) -> bool:
        """Whether it is encrypted, or does not leave this machine."""
        return bool(self.secrecy.tls) or self.secrecy.local


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    """What may be dialled, and how.

    Args:
        route, gateway: see to a route, in this order, before anything is dialled.
        limit: seconds for all of it: name, route, connection, TLS, tunnel.
    """

    allowed: AllowedTargets
    route: RouteCheck
    tls: HypervisorTls
    limit: float
    gateway: LocalGateway = field(default_factory=LocalGateway)

    async def dial(self, target: Target) -> Line:
        """Connect to the target.

        Raises:
            HypervisorForbidden: it is not among the allowed ones, whatever its name says.
            HypervisorUnreachable: refused, no route, unknown name, or out of time.
            HypervisorTlsFailed, HypervisorTunnelRefused: on the way to RFB.
        """
        try:
            async with asyncio.timeout(self.limit):
                return await self._walk(target)
        except TimeoutError as error:
            raise HypervisorUnreachable(
                f"{target} did not answer within {self.limit:g} s"
            ) from error

    async def _walk(self, target: Target) -> Line:
        if isinstance(target, UnixTarget):
            return Line(wire=await self._connect_unix(target), secrecy=Secrecy(local=True))
        wire = await self._connect(target)
        try:
            return await self._open(wire, target)
        except BaseException:
            wire.close()
            raise

    async def _open(self, wire: Wire, target: TcpTarget | TunnelTarget | WebSocketTarget) -> Line:
        secrecy = Secrecy()
        if not isinstance(target, TcpTarget) and target.tls:
            secrecy = await self.tls.start(wire, target.host)
        match target:
            case TcpTarget():
                return Line(wire=wire, host=target.host)
            case TunnelTarget():
                return Line(
                    wire=wire,
                    host=target.host,
                    received=await open_tunnel(wire, target),
                    secrecy=secrecy,
                    plain=not target.tls,
                )
            case WebSocketTarget():
                stream = await open_websocket(wire, target)
                return Line(wire=Wire(stream), host=target.host, secrecy=secrecy, plain=False)

    async def _connect_unix(self, target: UnixTarget) -> Wire:
        path = self.allowed.check_path(target.path)
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, path)
        except OSError as error:
            sock.close()
            raise HypervisorUnreachable(f"{target}: {_reason(error)}") from error
        except BaseException:
            sock.close()
            raise
        return Wire(sock)

    async def _connect(self, target: TcpTarget | TunnelTarget | WebSocketTarget) -> Wire:
        try:
            found = await self._routed(self._permitted(await _resolve(target.host, target.port)))
            sock = await aiohappyeyeballs.start_connection(
                found, happy_eyeballs_delay=_ATTEMPT_DELAY_SECONDS
            )
        except TimeoutError:
            raise
        except OSError as error:
            raise HypervisorUnreachable(f"{target}: {_reason(error)}") from error
        tune_guest(sock)
        return Wire(sock)

    def _permitted(self, found: Sequence[AddrInfoType]) -> Sequence[AddrInfoType]:
        """Return the addresses that may be dialled; only these are, so no name leads elsewhere."""
        permitted: list[AddrInfoType] = []
        refusal = HypervisorForbidden("the name has no address")
        for info in found:
            try:
                self.allowed.check(str(info[4][0]), int(info[4][1]))
            except HypervisorForbidden as forbidden:
                refusal = forbidden
            else:
                permitted.append(info)
        if not permitted:
            raise refusal
        return permitted

    async def _routed(self, found: Sequence[AddrInfoType]) -> Sequence[AddrInfoType]:
        """Return the addresses to which there is a route."""
        routed: list[AddrInfoType] = []
        refusal = HypervisorUnreachable("there is no address to set a route to")
        for info in found:
            try:
                await self.route.ensure(str(info[4][0]))
                await self.gateway.ensure(str(info[4][0]))
            except HypervisorUnreachable as no_route:
                refusal = no_route
            else:
                routed.append(info)
        if not routed:
            raise refusal
        return routed


async def _resolve(host: str, port: int) -> Sequence[AddrInfoType]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A literal address needs no resolver, and so no thread.
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)


def _reason(error: OSError) -> str:
    """Return the system's words: the event loop's own say less."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return str(error)
    return os.strerror(error.errno)
