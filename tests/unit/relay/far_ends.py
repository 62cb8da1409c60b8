"""Sockets for a relay, and the browser and the guest at their other ends, who go turn by turn."""

import array
import fcntl
import functools
import socket
import ssl
import struct
import termios
from collections import deque

from consoleproxy.frames import Opcode
from consoleproxy.keystore.context import server_context
from consoleproxy.wire import AHEAD_ROOM, receive_some, send_some
from tests.unit.hypervisor.websocket_peers import KEYSTORE, trusting

Pair = tuple[socket.socket, socket.socket]


def unix_pair() -> Pair:
    """Return the relay's socket and the far end's, where what is sent is there at once."""
    return socket.socketpair()


def tcp_pair() -> Pair:
    """Return the relay's socket and the far end's, as they are in production."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, AHEAD_ROOM)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    for sock in (near, far):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near, far


def small(pair: Pair) -> Pair:
    """Let both take so little that nearly everything is sent in parts."""
    for sock in pair:
        # The least that the kernel allows; but with less than this, TCP waits for its delayed
        # acknowledgements.
        room = 1 if sock.family == socket.AF_UNIX else 1 << 14
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
    return pair


def secured(pair: Pair, *, serving: bool) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
    """Return the pair with TLS on it.

    Args:
        serving: whether the relay's socket is the server's, as towards a browser.
    """
    server, client = _contexts()
    near, far = pair
    for sock in pair:
        sock.setblocking(False)
    served = server.wrap_socket(
        near if serving else far, server_side=True, do_handshake_on_connect=False
    )
    connected = client.wrap_socket(
        far if serving else near, server_hostname="localhost", do_handshake_on_connect=False
    )
    waiting = [connected, served]
    while waiting:
        sock = waiting.pop(0)
        try:
            sock.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            waiting.append(sock)
    return (served, connected) if serving else (connected, served)


@functools.cache
def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return server_context(KEYSTORE), trusting()


class FarEnd:
    """A browser or a guest.

    Args:
        bite: bytes that it reads in a turn; 0 is a reader that has stopped.
    """

    def __init__(self, sock: socket.socket, bite: int = 1 << 20) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.bite = bite
        self.received = bytearray()
        self.sent = 0
        self.ended = False
        self._pieces: deque[bytes] = deque()

    @property
    def unsent(self) -> int:
        """Bytes that were given and that the socket has not taken."""
        return sum(map(len, self._pieces))

    def give(self, *pieces: bytes) -> None:
        """Have these sent, each in a turn of its own or in more, as far as the socket takes it."""
        self._pieces.extend(filter(None, pieces))

    def turn(self) -> None:
        """Send a piece and read a bite."""
        self._send()
        if not self.bite or self.ended:
            return
        try:
            data = receive_some(self.sock, self.bite)
        except OSError:
            # The relay has let it go with something unread.
            data = b""
        if data == b"":
            self.ended = True
        elif data:
            self.received += data
            self.take(data)

    def _send(self) -> None:
        try:
            sent = send_some(self.sock, self._pieces[0]) if self._pieces else 0
        except OSError:
            # Nobody is there any more; there may be something to read, though.
            self._pieces.clear()
            return
        if sent:
            self.sent += sent
            if rest := self._pieces.popleft()[sent:]:
                self._pieces.appendleft(rest)

    def take(self, data: bytes) -> None:
        """Look at what has come; for those that decode it."""

    def finish_sending(self) -> None:
        """End this direction of the connection, without TLS's word for it."""
        socket.socket.shutdown(self.sock, socket.SHUT_WR)


class FarBrowser(FarEnd):
    """Takes a server's bytes apart, strictly: ``head``, then ``payload`` and ``controls``.

    Text frames are among these.
    """

    def __init__(self, sock: socket.socket, bite: int = 1 << 20) -> None:
        super().__init__(sock, bite)
        self.head = b""
        self.payload = bytearray()
        self.controls: list[tuple[Opcode, bytes]] = []
        self._rest = b""

    @property
    def pongs(self) -> list[bytes]:
        return [body for opcode, body in self.controls if opcode is Opcode.PONG]

    @property
    def words(self) -> list[bytes]:
        return [body for opcode, body in self.controls if opcode is Opcode.TEXT]

    @property
    def close(self) -> bytes | None:
        """The body of the close frame; behind it nothing may come."""
        opcode, body = self.controls[-1] if self.controls else (None, b"")
        return body if opcode is Opcode.CLOSE else None

    @property
    def between_frames(self) -> bool:
        return not self._rest

    def take(self, data: bytes) -> None:
        self._rest += data
        if not self.head:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            self.head, self._rest = head + end, rest
        position = 0
        while (stop := self._frame(position)) is not None:
            position = stop
        self._rest = self._rest[position:]

    def _frame(self, start: int) -> int | None:
        """Take the frame that begins there, and return where it ends, if all of it is there."""
        data = self._rest
        if len(data) - start < 2:
            return None
        first, length = data[start], data[start + 1]
        assert first & 0xF0 == 0x80, "final, no reserved bits"
        assert length < 0x80, "a server does not mask"
        size = {126: 2, 127: 8}.get(length, 0)
        body = start + 2 + size
        if len(data) < body:
            return None
        if size:
            length = int.from_bytes(data[start + 2 : body])
            assert length >= (126 if size == 2 else 65536), "the shortest form"
        stop = body + length
        if len(data) < stop:
            return None
        assert self.close is None, "nothing comes behind a close frame"
        opcode = Opcode(first & 0x0F)
        if opcode is Opcode.BINARY:
            self.payload += data[body:stop]
        else:
            assert opcode in {Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE}
            assert length <= 125
            self.controls.append((opcode, data[body:stop]))
        return stop


def unread(sock: socket.socket) -> int:
    """Return how many bytes the kernel holds for who reads this socket (tcp(7), ``SIOCINQ``)."""
    return _asked(sock, termios.FIONREAD)


def on_its_way(sock: socket.socket) -> int:
    """Return how many bytes written to this socket have not arrived (tcp(7), ``SIOCOUTQ``)."""
    return _asked(sock, termios.TIOCOUTQ) if sock.family != socket.AF_UNIX else 0


def _asked(sock: socket.socket, request: int) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(sock, request, count)
    return count[0]


def close_body(code: int, reason: bytes = b"") -> bytes:
    """Return a close frame's payload."""
    return struct.pack(">H", code) + reason
