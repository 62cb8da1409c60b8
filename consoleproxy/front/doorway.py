"""What becomes of an accepted connection: PROXY header, TLS or not, HTTP."""

import asyncio
import contextlib
import logging
import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, SSLIOStream
from tornado.web import Application

from consoleproxy.front.proxy_protocol import ProxyHeader, ProxyHeaderInvalid
from consoleproxy.front.source import LoadBalancers
from consoleproxy.keystore.context import ServerTls

_log = logging.getLogger(__name__)

_FIRST_BYTE_SECONDS = 10.0
_HEADER_SECONDS = 20.0
_IDLE_SECONDS = 30.0
_MAXIMUM_HEADER_BYTES = 64 * 1024
_MAXIMUM_BODY_BYTES = 64 * 1024
_TLS_HANDSHAKE = b"\x16"

_PLAIN_HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n"
    b"\r\n"
    b"This port speaks TLS. Use https:// in place of http://.\n"
)


_NONE = LoadBalancers()


class Doorway:
    """The way from a port to the application behind it.

    Args:
        tls: of this port; ``None`` for plain HTTP.
        balancers: of them, those that say so begin with a PROXY header.

    Raises:
        KeystoreInvalid: OpenSSL does not take it.
    """

    def __init__(
        self,
        application: Application,
        tls: ServerTls | None = None,
        balancers: LoadBalancers = _NONE,
    ) -> None:
        self._server = HTTPServer(
            application,
            max_header_size=_MAXIMUM_HEADER_BYTES,
            max_body_size=_MAXIMUM_BODY_BYTES,
            max_buffer_size=_MAXIMUM_HEADER_BYTES + _MAXIMUM_BODY_BYTES,
            idle_connection_timeout=_IDLE_SECONDS,
            body_timeout=_HEADER_SECONDS,
        )
        self._tls = tls.context() if tls else None
        self._balancers = balancers
        self._greetings: set[asyncio.Task[None]] = set()

    def enter(self, connection: socket.socket, address: Any) -> None:
        """Serve a connection that was accepted; it is closed here."""
        if self._tls is None and not self._balancers.begins_with_header(address[0]):
            self._server.handle_stream(IOStream(connection), address)
            return
        task = asyncio.get_running_loop().create_task(
            self._greet(connection, address), name="greeting"
        )
        self._greetings.add(task)
        task.add_done_callback(lambda task: self._greeted(task, connection))

    def change(self, tls: ServerTls | None) -> None:
        """Greet with this TLS from now on; connections that are there keep theirs.

        Raises:
            KeystoreInvalid: OpenSSL does not take it; nothing has changed.
        """
        self._tls = tls.context() if tls else None

    async def close(self) -> None:
        """Close all connections that are still in HTTP."""
        for task in list(self._greetings):
            task.cancel()
        await asyncio.gather(*self._greetings, return_exceptions=True)
        await self._server.close_all_connections()

    def _greeted(self, task: asyncio.Task[None], connection: socket.socket) -> None:
        self._greetings.discard(task)
        # One that is cancelled before its first step cannot close it itself.
        if task.cancelled():
            connection.close()

    async def _greet(self, connection: socket.socket, address: Any) -> None:
        """Read what comes before HTTP: a PROXY header, and the first byte of TLS."""
        try:
            async with asyncio.timeout(_FIRST_BYTE_SECONDS):
                if self._balancers.begins_with_header(address[0]):
                    address = await _read_proxy_header(connection) or address
                if self._tls is None:
                    self._server.handle_stream(IOStream(connection), address)
                    return
                await _readable(connection)
            if connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE:
                wrapped = self._tls.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
                self._server.handle_stream(SSLIOStream(wrapped), address)
                return
            # Read the request first: closing with unread input would lose the answer.
            connection.recv(_MAXIMUM_HEADER_BYTES)
            connection.send(_PLAIN_HTTP_ANSWER)
        except ProxyHeaderInvalid as fault:
            _log.warning("load balancer %s: %s", address[0], fault)
        except OSError as error:
            _log.debug("connection ended before its request: %s", error)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        connection.close()


async def _read_proxy_header(connection: socket.socket) -> tuple[str, int] | None:
    """Read a PROXY header, and not a byte more; return the source, ``None`` where it names none.

    Raises:
        ProxyHeaderInvalid: it is none.
        OSError: the connection ended.
    """
    header = ProxyHeader()
    while not header.done:
        await _readable(connection)
        data = connection.recv(header.needs)
        if not data:
            raise ConnectionResetError("the connection ended within its PROXY header")
        header.receive_data(data)
    return header.source


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _note, ready)
    try:
        await ready
    finally:
        loop.remove_reader(connection)


def _note(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
