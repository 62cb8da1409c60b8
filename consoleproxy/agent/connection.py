"""The link over TCP: open to a server that is who it should be, then messages both ways."""

import asyncio
import contextlib
import datetime
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509

from consoleproxy.agent.secure_link import SecureLink
from consoleproxy.agent.trust import check_server
from consoleproxy.errors import AgentLinkBroken

_log = logging.getLogger(__name__)

# What CloudStack gives either side for the handshake.
_OPENING_SECONDS = 30.0
_READ_BYTES = 64 * 1024
# As much may wait to be sent before a sender has to wait itself.
_WRITE_AHEAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Trust:
    """What a link is opened with.

    Args:
        context: ``secure_link.link_context``.
        authorities: the CAs of the cloud; empty: any server is taken, which only an operator may
            have asked for.
        clock: the time now.
    """

    context: ssl.SSLContext
    authorities: Sequence[x509.Certificate]
    clock: Callable[[], datetime.datetime]


class Connection:
    """An open link; made by ``open``, ended by ``close``."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: SecureLink
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._link = link
        self._arrived: deque[bytes] = deque()

    @classmethod
    async def open(cls, host: str, port: int, trust: Trust) -> "Connection":
        """Connect, shake hands, and make sure that it is the management server.

        A name's addresses are tried one after the other.

        Raises:
            AgentLinkBroken: TLS failed, or it is another server.
            OSError: it cannot be reached, or took more than 30 seconds at the last address.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise OSError("no name that could be looked up") from None
        *others, last = dict.fromkeys(str(where[0]) for *_, where in found)
        for address in others:
            try:
                return await cls._open_at(address, port, trust)
            except (AgentLinkBroken, OSError) as error:
                _log.info("%s at %s: %s", host, address, str(error) or type(error).__name__)
        return await cls._open_at(last, port, trust)

    @classmethod
    async def _open_at(cls, address: str, port: int, trust: Trust) -> "Connection":
        async with asyncio.timeout(_OPENING_SECONDS):
            reader, writer = await asyncio.open_connection(address, port)
            link = SecureLink(trust.context)
            try:
                writer.transport.set_write_buffer_limits(_WRITE_AHEAD_BYTES)
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                writer.write(link.handshake())
                while not link.established:
                    data = await reader.read(_READ_BYTES)
                    if not data:
                        raise AgentLinkBroken(
                            "the server hung up during the handshake: it may be in maintenance, "
                            "have too many new agents, or not accept this agent's certificate"
                        )
                    writer.write(link.handshake(data))
                    await writer.drain()
                if trust.authorities:
                    check_server(link.server_certificate, trust.authorities, trust.clock())
            except BaseException:
                writer.transport.abort()
                raise
        return cls(reader, writer, link)

    async def receive(self) -> bytes:
        """Return the next message.

        Raises:
            AgentLinkBroken: it was no management server that sent this.
            OSError: the link has ended.
        """
        self._arrived.extend(self._link.messages())
        while not self._arrived:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise ConnectionResetError("the management server closed the link")
            self._arrived.extend(self._link.messages(data))
        return self._arrived.popleft()

    async def send(self, message: bytes) -> None:
        """Send a message; wait while too much waits already.

        Raises:
            OSError: the link has ended.
        """
        self._writer.write(self._link.framed(message))
        await self._writer.drain()

    async def close(self) -> None:
        """Close the link; what was sent goes out first, within a second."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        self._writer.transport.abort()
