"""websockify's ``WebSocket`` class, as a proxy beside the relay and as a guest's server."""

import contextlib
import errno
import socket
from typing import Any

from websockify.websocket import WebSocket, WebSocketWantReadError

from tests.unit.relay.far_ends import FarBrowser, FarEnd, unix_pair
from tests.unit.relay.turns import HEADERS

_REQUEST = {"upgrade": "websocket", "Sec-WebSocket-Version": "13", **HEADERS}
_ROOM = 1 << 20
# What websockify's class reads at once.
_BITE = 1 << 12
# As websockify's own proxy reads a guest.
_GUEST_BITE = 1 << 16


class Reference:
    """Between two pairs of sockets with room for all, pumped in the way of websockify's own proxy.

    Its far ends are read at once: a ping while its socket is full would make the class raise.
    """

    def __init__(self) -> None:
        self._near_browser, far_browser = unix_pair()
        self._near_guest, far_guest = unix_pair()
        for sock in (self._near_browser, self._near_guest):
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        self.browser = FarBrowser(far_browser)
        self.guest = FarEnd(far_guest)
        self._peer: Any = WebSocket()
        self._peer.accept(self._near_browser, _REQUEST)
        self.browser.turn()

    def from_browser(self, data: bytes) -> None:
        """Have the browser send this, and the guest get the payload in it."""
        for start in range(0, len(data), _BITE):
            self.browser.give(data[start : start + _BITE])
            self.browser.turn()
            with contextlib.suppress(WebSocketWantReadError):
                while (message := self._peer.recvmsg()) is not None:
                    self.to_guest(message)
            self.browser.turn()

    def to_guest(self, data: bytes) -> None:
        """Pass payload on to the guest."""
        for start in range(0, len(data), _BITE):
            piece = data[start : start + _BITE]
            assert self._near_guest.send(piece) == len(piece)
            self.guest.turn()

    def from_guest(self, data: bytes) -> None:
        """Have the browser get what a guest writes."""
        for start in range(0, len(data), _GUEST_BITE):
            self._peer.send(data[start : start + _GUEST_BITE])
            self.browser.turn()

    def close(self) -> None:
        """Close all sockets."""
        for sock in (self._near_browser, self._near_guest, self.browser.sock, self.guest.sock):
            sock.close()


class FarServer(FarEnd):
    """A guest behind a websocket, whose server is websockify's class: ``payload`` is what it got.

    Args:
        bite: as for any far end.
    """

    def __init__(self, sock: socket.socket, bite: int) -> None:
        super().__init__(sock, bite)
        self.payload = bytearray()
        self._unread = b""
        self._peer: Any = WebSocket()
        self._peer.accept(self, _REQUEST)

    def recv(self, limit: int) -> bytes:
        """Be the socket that websockify's class reads, whatever it says that it would take."""
        if not self._unread:
            raise BlockingIOError(errno.EAGAIN, "not now")
        data, self._unread = self._unread, b""
        return data

    def send(self, data: bytes) -> int:
        """Drop what websockify's class answers; only what is given is sent."""
        return len(data)

    def close(self) -> None:
        """Nothing to close: the socket is the test's."""

    def take(self, data: bytes) -> None:
        self._unread += data
        with contextlib.suppress(WebSocketWantReadError):
            while (message := self._peer.recvmsg()) is not None:
                self.payload += message
