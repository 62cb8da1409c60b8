"""A browser's end of a websocket, for tests: frames to send, and a reader of ours."""

import os
import socket
import struct

from consoleproxy.frames import Opcode


def client_frame(
    payload: bytes,
    opcode: Opcode = Opcode.BINARY,
    *,
    final: bool = True,
    mask: bytes = b"\x11\x22\x33\x44",
) -> bytes:
    """Return a masked frame, as a browser sends it."""
    first = opcode | (0x80 if final else 0)
    length = len(payload)
    if length < 126:
        header = struct.pack(">BB", first, 0x80 | length)
    elif length < 65536:
        header = struct.pack(">BBH", first, 0xFE, length)
    else:
        header = struct.pack(">BBQ", first, 0xFF, length)
    repeated = (mask * (length // 4 + 1))[:length]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(
        length, "big"
    )
    return header + mask + masked


def close_frame(code: int, reason: bytes = b"") -> bytes:
    return client_frame(struct.pack(">H", code) + reason, Opcode.CLOSE)


class ServerFrames:
    """Reads the frames that a server sends on a blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._stream = sock.makefile("rb")

    def read(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame.

        Raises:
            EOFError: the stream ended between frames.
        """
        first = self._stream.read(2)
        if not first:
            raise EOFError
        assert first[0] & 0xF0 == 0x80, "final, no reserved bits"
        assert first[1] < 0x80, "a server does not mask"
        length = first[1]
        if length == 126:
            (length,) = struct.unpack(">H", self._stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._stream.read(8))
        payload = self._stream.read(length)
        assert len(payload) == length
        return first[0] & 0x0F, payload

    def read_data(self, length: int) -> bytes:
        """Return that much payload of binary frames."""
        data = bytearray()
        while len(data) < length:
            opcode, payload = self.read()
            assert opcode == Opcode.BINARY
            data += payload
        return bytes(data)

    def read_close(self) -> tuple[int, str]:
        """Skip data and return the code and reason of the close frame."""
        while True:
            opcode, payload = self.read()
            if opcode == Opcode.CLOSE:
                return struct.unpack(">H", payload[:2])[0], payload[2:].decode()

    def close(self) -> None:
        self._stream.close()


def noise(length: int) -> bytes:
    """Return bytes that no two places share."""
    return os.urandom(length)
