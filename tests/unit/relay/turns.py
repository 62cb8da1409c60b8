"""A relay and its far ends in one loop, in turns: what is cut where, and who is slow, is chosen.

Nothing here waits for time: a turn is one pass of the loop, in which each far end sends a piece and
reads a bite.
"""

import asyncio
import functools
import socket
import ssl
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from consoleproxy.frames import Opcode
from consoleproxy.keystore.context import server_context
from consoleproxy.relay.channel import BrowserChannel
from consoleproxy.relay.end import AfterGuest, RelayEnd
from consoleproxy.relay.pump import Relay
from consoleproxy.wire import Socket, Wire, receive_some, send_some
from tests.unit.hypervisor.websocket_peers import KEYSTORE, trusting

HEADERS = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

# Far more than any story here takes; it is there so that a relay that hangs fails.
_SECONDS = 2.0

Pair = tuple[socket.socket, socket.socket]


def unix_pair() -> Pair:
    """Return the relay's socket and the far end's, where what is sent is there at once."""
    return socket.socketpair()


def tcp_pair() -> Pair:
    """Return the relay's socket and the far end's, as they are in production."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near, far


def small(pair: Pair) -> Pair:
    """Let both take as little as the kernel allows, so that nearly everything is sent in parts."""
    for sock in pair:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
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
        try:
            if self._pieces and (sent := send_some(self.sock, self._pieces[0])):
                self.sent += sent
                rest = self._pieces.popleft()[sent:]
                if rest:
                    self._pieces.appendleft(rest)
            if not self.bite or self.ended:
                return
            data = receive_some(self.sock, self.bite)
        except OSError:
            # Whom the relay lets go with something unread is told so by a reset.
            self._pieces.clear()
            data = b""
        if data == b"":
            self.ended = True
        elif data:
            self.received += data
            self.take(data)

    def take(self, data: bytes) -> None:
        """Look at what has come; for those that decode it."""

    def finish_sending(self) -> None:
        """End this direction of the connection, without TLS's word for it."""
        socket.socket.shutdown(self.sock, socket.SHUT_WR)


class FarBrowser(FarEnd):
    """Takes a server's bytes apart, strictly: ``head``, then ``payload`` and ``controls``."""

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
            assert opcode in {Opcode.PING, Opcode.PONG, Opcode.CLOSE}
            assert length <= 125
            self.controls.append((opcode, data[body:stop]))
        return stop


@asynccontextmanager
async def relayed(
    browser: Socket,
    guest: Socket,
    *,
    early: bytes = b"",
    to_guest: bytes = b"",
    to_browser: bytes = b"",
    after_guest: AfterGuest = AfterGuest.CLOSE,
) -> AsyncIterator[tuple[Relay, asyncio.Task[RelayEnd]]]:
    """Run a relay between these sockets; what is left of it at the end is cancelled."""
    channel = BrowserChannel(browser, HEADERS, early)
    await channel.open()
    relay = Relay(
        channel,
        Wire(guest),
        to_guest=to_guest,
        to_browser=to_browser,
        after_guest=after_guest,
    )
    running = asyncio.get_running_loop().create_task(relay.run(), name="relay")
    try:
        yield relay, running
    finally:
        running.cancel()
        await asyncio.wait({running})


async def turns(condition: Callable[[], object], *ends: FarEnd) -> None:
    """Let the far ends have their turns until the condition holds.

    Raises:
        TimeoutError: it never did.
    """
    async with asyncio.timeout(_SECONDS):
        while not condition():
            for end in ends:
                end.turn()
            await asyncio.sleep(0)


async def stand_still(*ends: FarEnd) -> None:
    """Let them go on until nothing has moved for many turns, as where all buffers are full."""
    quiet, before = 0, None
    async with asyncio.timeout(_SECONDS):
        while quiet < 200:
            for end in ends:
                end.turn()
            await asyncio.sleep(0)
            now = [(end.sent, len(end.received)) for end in ends]
            quiet = quiet + 1 if now == before else 0
            before = now


def close_body(code: int, reason: bytes = b"") -> bytes:
    return struct.pack(">H", code) + reason
