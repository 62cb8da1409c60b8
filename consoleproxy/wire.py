"""Non-blocking sockets, plain or TLS: what is common to the login and to the relay.

``receive_some`` and ``send_some`` are the two system calls with one meaning for both kinds of
socket; ``Wire`` makes them awaitable for the login stages.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

# SSLSocket is one, too; its recv and send say SSLWantReadError where a plain one says would-block.
Socket = socket.socket

_NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def receive_some(sock: Socket, limit: int) -> bytes | None:
    """Return what there is, ``b""`` at the end of the stream, ``None`` if nothing is there yet.

    Raises:
        OSError: the connection broke.
    """
    try:
        return sock.recv(limit)
    except _NOT_NOW:
        return None


def receive_into(sock: Socket, buffer: memoryview) -> int | None:
    """Fill the buffer with what there is; 0 and ``None`` as ``receive_some``.

    Raises:
        OSError: the connection broke.
    """
    try:
        return sock.recv_into(buffer)
    except _NOT_NOW:
        return None


def send_some(sock: Socket, data: bytes | memoryview) -> int:
    """Send as much as the socket takes now, and return how much that is.

    Raises:
        OSError: the connection broke.
    """
    sent = 0
    try:
        sent = sock.send(data)
        # TLS takes one record of 16 KiB a call; a plain socket that took less is full.
        while isinstance(sock, ssl.SSLSocket) and sent < len(data):
            sent += sock.send(memoryview(data)[sent:])
    except _NOT_NOW:
        return sent
    return sent


class Wire:
    """A non-blocking socket with awaitable I/O on the running loop."""

    __slots__ = ("_loop", "_sock")

    def __init__(self, sock: Socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def receive(self, limit: int = 65536) -> bytes:
        """Return at least one byte, or ``b""`` at the end of the stream.

        A cancelled call has taken nothing.

        Raises:
            OSError: the connection broke.
        """
        while (data := receive_some(self._sock, limit)) is None:
            await self._ready(self._loop.add_reader, self._loop.remove_reader)
        return data

    async def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            OSError: the connection broke.
        """
        rest = memoryview(data)
        while rest:
            rest = rest[send_some(self._sock, rest) :]
            if rest:
                await self.writable()

    async def writable(self) -> None:
        """Wait until the socket may take more."""
        await self._ready(self._loop.add_writer, self._loop.remove_writer)

    def send_now(self, data: bytes) -> int:
        """Send what the socket takes without waiting, and return how much that is.

        Raises:
            OSError: the connection broke.
        """
        return send_some(self._sock, data)

    def detach(self) -> Socket:
        """Give the socket away; this object must not be used any more."""
        return self._sock

    def close(self) -> None:
        """Close the socket; closing twice does nothing."""
        self._sock.close()

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], bool]) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        descriptor = self._sock.fileno()
        add(descriptor, _set, ready)
        try:
            await ready
        finally:
            remove(descriptor)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
