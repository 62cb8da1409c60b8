"""Far ends of a websocket: servers of the tests, sockets that take little, and TLS."""

import datetime
import select
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.frames import Control, FrameReader, Opcode
from consoleproxy.hypervisor.websocket_stream import WebSocketStream
from consoleproxy.keystore.development import development_keystore
from consoleproxy.wire import Socket, receive_some

KEYSTORE = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))


def frame(payload: bytes, opcode: Opcode = Opcode.BINARY, *, final: bool = True) -> bytes:
    """Return a server's frame."""
    first, length = opcode | (0x80 if final else 0), len(payload)
    if length < 126:
        return struct.pack(">BB", first, length) + payload
    if length < 65536:
        return struct.pack(">BBH", first, 126, length) + payload
    return struct.pack(">BBQ", first, 127, length) + payload


class Server:
    """The far end: reads with a browser's ``FrameReader`` what the stream sends."""

    def __init__(self, sock: socket.socket, kind: Opcode = Opcode.BINARY) -> None:
        self.sock = sock
        self.payload = b""
        self._reader = FrameReader(1 << 20, kind=kind)

    @property
    def controls(self) -> list[Control]:
        return self._reader.controls

    def read(self) -> bytes:
        """Read what is there, and return it."""
        data = b""
        self.sock.setblocking(False)
        while more := receive_some(self.sock, 1 << 16):
            data += more
        self.payload += self._reader.feed(data)
        return data


class Slow:
    """A socket that takes as many bytes a call as it is told, and afterwards any number."""

    def __init__(self, takes: list[int]) -> None:
        self.incoming = b""
        self.sent = b""
        self._takes = takes

    def fileno(self) -> int:
        return 99

    def recv(self, limit: int, /) -> bytes:
        raise NotImplementedError

    def recv_into(self, buffer: memoryview, /) -> int:
        if not self.incoming:
            raise BlockingIOError
        data, self.incoming = self.incoming, b""
        buffer[: len(data)] = data
        return len(data)

    def send(self, data: bytes | memoryview, /) -> int:
        room = self._takes.pop(0) if self._takes else len(data)
        if not room:
            raise BlockingIOError
        self.sent += data[:room]
        return min(room, len(data))

    def setblocking(self, flag: bool, /) -> None:
        pass

    def close(self) -> None:
        pass


@contextmanager
def streaming(
    early: bytes = b"", *, text: bool = False
) -> Iterator[tuple[WebSocketStream, Server]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        kind = Opcode.TEXT if text else Opcode.BINARY
        yield WebSocketStream(near, early, text=text), Server(far, kind)


def receive_all(stream: Socket, limit: int = 1 << 16) -> bytes:
    """Return all that an event loop would get: it calls only while the descriptor is readable."""
    data = receive_some(stream, limit) or b""
    while select.select([stream], [], [], 0)[0]:
        piece = receive_some(stream, limit)
        if piece == b"":
            break
        data += piece or b""
    return data


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(
        cadata="".join(root.public_bytes(Encoding.PEM).decode() for root in KEYSTORE.roots)
    )
