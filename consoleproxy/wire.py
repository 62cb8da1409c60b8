"""Non-blocking sockets, plain or TLS: what is common to the login and to the relay.

``receive_some``, ``receive_into`` and ``send_some`` are the system calls with one meaning for all
kinds of socket; ``Wire`` makes them awaitable for the login stages, and starts TLS.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any, Protocol, TypeGuard


class Socket(Protocol):
    """A non-blocking connection: a plain socket, an SSLSocket, or bytes in websocket frames.

    ``recv``, ``recv_into`` and ``send`` raise BlockingIOError, or TLS's own word for it, where
    nothing can be done now. ``send`` may keep what it was given and say so by taking nothing: it is
    called again with data that begins in the same way. What ``recv`` leaves behind is still in the
    descriptor of ``fileno``, so that the event loop sees it.
    """

    def fileno(self) -> int: ...

    def recv(self, limit: int, /) -> bytes: ...

    def recv_into(self, buffer: memoryview, /) -> int: ...

    def send(self, data: bytes | memoryview, /) -> int: ...

    def setblocking(self, flag: bool, /) -> None: ...

    def close(self) -> None: ...


# RFC 8446 section 5.1. A smaller buffer could leave a part of a record where no event loop sees it.
_TLS_RECORD = 16384
# Records may be as small as a byte, and other sessions wait meanwhile.
_RECORDS_AT_ONCE = 256

# Bytes that may wait in the kernel for a browser whose network is slower than its guest, and that
# may come from a guest before they are read. Without, both grow to several MiB: seconds of a screen
# that is out of date by then.
UNSENT_ROOM = 1024 * 1024
AHEAD_ROOM = 512 * 1024
# linux/tcp.h; the socket module has no name for it before Python 3.12.
_TCP_NOTSENT_LOWAT = 25

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
    """Fill the buffer with what there is; 0 at the end of the stream, ``None`` if nothing is there.

    Raises:
        OSError: the connection broke.
    """
    filled = 0
    try:
        filled = sock.recv_into(buffer)
        # TLS gives one record a call; a plain socket that gave less is empty.
        for _ in range(_RECORDS_AT_ONCE):
            if not isinstance(sock, ssl.SSLSocket) or len(buffer) - filled < _TLS_RECORD:
                break
            more = sock.recv_into(buffer[filled:])
            if not more:
                # Its close_notify came along. The connection may stay open behind that, and the
                # event loop would wait for more: let it see the end.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RD)
                break
            filled += more
    except _NOT_NOW:
        return filled or None
    except OSError:
        # What came before the fault is whole; the next call meets the fault again.
        if not filled:
            raise
    return filled


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


def tune_browser(sock: Socket) -> None:
    """Send small messages at once, keep little unsent, and notice a peer that is gone.

    Where there is TCP. What a slow browser has not got yet should wait at the guest, which drops
    what is out of date, and not in a buffer here.
    """
    if _is_tcp(sock):
        _send_at_once(sock)
        sock.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, UNSENT_ROOM)


def tune_guest(sock: Socket) -> None:
    """Send small messages at once, take in little ahead, and notice a peer that is gone."""
    if _is_tcp(sock):
        _send_at_once(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, AHEAD_ROOM)


def is_plain_tcp(sock: Socket) -> TypeGuard[socket.socket]:
    """Whether what is read from and written to the descriptor is the stream itself."""
    return _is_tcp(sock) and not isinstance(sock, ssl.SSLSocket)


def _is_tcp(sock: Socket) -> TypeGuard[socket.socket]:
    return isinstance(sock, socket.socket) and sock.family in {socket.AF_INET, socket.AF_INET6}


def _send_at_once(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def close_in_order(sock: Socket) -> None:
    """Close a socket, with TLS's close_notify as far as it takes it; nobody waits for an answer."""
    if isinstance(sock, ssl.SSLSocket):
        with contextlib.suppress(OSError, ValueError):
            sock.unwrap()
    sock.close()


class Wire:
    """A non-blocking socket with awaitable I/O on the running loop."""

    __slots__ = ("_loop", "_sock")

    def __init__(self, sock: Socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    @property
    def tls_version(self) -> str:
        """What is spoken, e.g. ``TLSv1.3``; "" without TLS, and before its handshake is done."""
        return (self._sock.version() or "") if isinstance(self._sock, ssl.SSLSocket) else ""

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

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str) -> None:
        """Speak TLS from now on, as the client; nothing but a plain socket can.

        Args:
            server_hostname: for SNI and, if the context checks it, the certificate.

        Raises:
            ssl.SSLError: the handshake failed, or the certificate is not good.
            OSError: the connection broke.
        """
        if not isinstance(self._sock, socket.socket) or isinstance(self._sock, ssl.SSLSocket):
            raise TypeError("TLS is started once, and on a plain socket")
        sock = context.wrap_socket(
            self._sock, server_hostname=server_hostname or None, do_handshake_on_connect=False
        )
        self._sock = sock
        while True:
            try:
                sock.do_handshake()
                return
            except ssl.SSLWantReadError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
            except ssl.SSLWantWriteError:
                await self.writable()

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
