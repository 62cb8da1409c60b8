"""A ``Socket`` whose bytes travel in websocket frames: the client's end of RFC 6455."""

import codecs
import contextlib
import errno
import os
import secrets
import socket
import ssl
from typing import NoReturn

from consoleproxy.frames import FrameFault, FrameReader, Opcode, masked_frame
from consoleproxy.wire import Socket, close_in_order, receive_into, send_some

# One frame of ours: a server may keep a whole message before it looks at it.
_FRAME_ROOM = 64 * 1024
# Bytes that are taken apart at once: frames may be as small as a byte, and other sessions wait.
_RAW_ROOM = 32 * 1024
# A frame is streamed, so only RFC 6455 section 5.2 limits its length: the highest bit is 0.
_LONGEST_FRAME = (1 << 63) - 1


def _not_now() -> BlockingIOError:
    return BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


class WebSocketStream:
    """A ``Socket`` whose bytes travel in frames on the socket below, plain or TLS.

    Payload is handed over as it comes: nothing of it stays here, neither in this direction nor in
    the other, but one frame that the socket has not taken all of. As with TLS, a buffer of less
    than 16 KiB may leave bytes where no event loop sees them.

    Args:
        early: what came behind the opening handshake; the first ``recv`` has it.
        text: frames are text, and each byte is a character of the same number (``uint8utf8``).
    """

    __slots__ = (
        "_close",
        "_close_said",
        "_decoder",
        "_early",
        "_ended",
        "_fault",
        "_kind",
        "_out",
        "_pong",
        "_reader",
        "_sock",
        "_taken",
    )

    def __init__(self, sock: Socket, early: bytes = b"", *, text: bool = False) -> None:
        self._sock = sock
        self._early = early
        self._kind = Opcode.TEXT if text else Opcode.BINARY
        self._reader = FrameReader(_LONGEST_FRAME, masked=False, kind=self._kind)
        self._decoder = codecs.getincrementaldecoder("utf-8")() if text else None
        self._ended = False
        self._fault = ""
        # What is to be sent of the frame that is on its way, and how much of the caller's data is
        # in it; control frames go out behind it.
        self._out = memoryview(b"")
        self._taken = 0
        self._pong: bytes | None = None
        self._close: bytes | None = None
        self._close_said = False

    def fileno(self) -> int:
        """Return the descriptor of the socket below, -1 once it is closed."""
        return self._sock.fileno()

    def setblocking(self, flag: bool, /) -> None:
        """Pass it on; what is said here of not waiting is said of a non-blocking socket."""
        self._sock.setblocking(flag)

    def recv(self, limit: int, /) -> bytes:
        """Return payload; the rest is as for ``recv_into``."""
        buffer = bytearray(limit)
        length = self.recv_into(memoryview(buffer))
        return bytes(buffer[:length])

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer with payload, and return how much it is.

        Returns:
            0 at the end of the stream or behind the server's close frame.

        Raises:
            BlockingIOError: there is no payload now, though there may have been control frames.
            ConnectionError: the server broke the protocol; the text says how.
            OSError: the connection broke.
        """
        if self._fault:
            raise ConnectionError(self._fault)
        if self._ended:
            return 0
        if self._out:
            self._answer()
        while True:
            # Frames are taken apart in the caller's buffer: payload never needs more room.
            length = self._fill(buffer[:_RAW_ROOM])
            if length is None:
                raise _not_now()
            payload = self._payload(bytes(buffer[:length])) if length else b""
            if payload or self._ended or not length:
                self._ended = self._ended or not length
                buffer[: len(payload)] = payload
                return len(payload)
            if not self._holds_more():
                raise _not_now()

    def send(self, data: bytes | memoryview, /) -> int:
        """Send one frame with at most 64 KiB of the data, and return how much of it that was.

        Where the socket takes only a part of the frame, the rest of it is kept and the call says
        that nothing was taken. It must then be made again, with data that begins with the same
        bytes, as OpenSSL's ``SSL_write`` wants it.

        Raises:
            BlockingIOError: not now, or not all of it.
            ValueError: called again with less than before.
            OSError: the websocket is closed, or the connection broke.
        """
        if self._ended or self._fault or self._close_said:
            raise BrokenPipeError(errno.EPIPE, "the websocket is closed")
        if len(data) < self._taken:
            raise ValueError("a frame is on its way that has more than this")
        if not self._taken and self._flush() and data:
            payload = bytes(data[:_FRAME_ROOM])
            self._taken = len(payload)
            if self._kind is Opcode.TEXT:
                payload = payload.decode("latin-1").encode()
            self._out = memoryview(masked_frame(self._kind, payload, secrets.token_bytes(4)))
        if not self._flush():
            raise _not_now()
        taken, self._taken = self._taken, 0
        return taken

    def close(self) -> None:
        """Say so (1000) as far as the socket takes it now, and close the socket below."""
        if self._sock.fileno() >= 0:
            self._say_close((1000).to_bytes(2))
        close_in_order(self._sock)

    def _fill(self, buffer: memoryview) -> int | None:
        """Read what is next of the stream below, as ``receive_into`` does."""
        if not self._early:
            return receive_into(self._sock, buffer)
        piece, self._early = self._early[: len(buffer)], self._early[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def _holds_more(self) -> bool:
        """Whether there is more to read that the descriptor does not show."""
        if self._early:
            return True
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def _payload(self, data: bytes) -> bytes:
        """Take what came, and return the payload in it.

        Raises:
            ConnectionError: a fault; it is for good.
        """
        try:
            payload = self._reader.feed(data)
            if self._decoder is not None:
                payload = self._decoder.decode(payload).encode("latin-1")
        except FrameFault as fault:
            self._fail(fault.code, str(fault))
        except UnicodeError:
            self._fail(1007, "A character is not a byte in UTF-8.")
        for control in self._reader.controls:
            if control.opcode is Opcode.PING:
                # The last one only, so that a server that does not read cannot pile up pongs.
                self._pong = control.payload
            elif control.opcode is Opcode.CLOSE:
                self._end(control.payload[:2])
        if self._reader.controls:
            self._reader.controls.clear()
            self._answer()
        return payload

    def _end(self, code: bytes) -> None:
        """Answer the server's close frame. Its end of the connection may take its time.

        The descriptor then says at once, and for good, that there is something to read, which is
        how an event loop comes to see the end behind the last payload.
        """
        self._ended = True
        self._say_close(code)
        if isinstance(self._sock, socket.socket):
            with contextlib.suppress(OSError):
                # An SSLSocket's own shutdown would also take TLS away.
                socket.socket.shutdown(self._sock, socket.SHUT_RD)

    def _fail(self, code: int, text: str) -> NoReturn:
        self._fault = f"the websocket's server broke the protocol: {text}"
        self._say_close(code.to_bytes(2))
        raise ConnectionError(self._fault)

    def _say_close(self, code: bytes) -> None:
        if not self._close_said:
            self._close_said = True
            self._close = code
            self._answer()

    def _answer(self) -> None:
        """Send control frames as far as the socket takes them; if it is broken, reading says so."""
        with contextlib.suppress(OSError):
            self._flush()

    def _flush(self) -> bool:
        """Send what waits, and return whether all of it is out."""
        while True:
            if self._out:
                self._out = self._out[send_some(self._sock, self._out) :]
                if self._out:
                    return False
            if self._pong is not None:
                opcode, payload, self._pong = Opcode.PONG, self._pong, None
            elif self._close is not None:
                opcode, payload, self._close = Opcode.CLOSE, self._close, None
            else:
                return True
            self._out = memoryview(masked_frame(opcode, payload, secrets.token_bytes(4)))
