"""RFC 6455 section 5: frames of either side read, and frames to either side made. Pure."""

import enum
from dataclasses import dataclass

from tornado.util import _websocket_mask as websocket_mask

# The longest header of an unmasked frame: two bytes and a 64-bit length.
HEADER_ROOM = 10

_FINAL = 0x80
_FINAL_BINARY = 0x82
_MASKED = 0x80
_RESERVED_BITS = 0x70
_KEY_SIZE = 4


class Opcode(enum.IntEnum):
    """RFC 6455 section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_DATA = (Opcode.TEXT, Opcode.BINARY)


class FrameFault(Exception):
    """The other side broke the protocol; ``code`` and text are for the close frame."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Control:
    """A ping, pong or close frame, or a word beside binary data, unmasked."""

    opcode: Opcode
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Header:
    final: bool
    opcode: Opcode
    length: int
    mask: bytes
    size: int


class FrameReader:
    """Takes bytes cut anywhere, gives the payload of data frames joined.

    RFB is a stream, so a data frame's payload is passed on as it comes, and neither a large frame
    nor a fragmented message is ever collected. Control frames land in ``controls``. Whatever comes
    behind a close frame in the same bytes is dropped.

    Args:
        limit: bytes of payload that one frame may have; more is refused by its header.
        masked: whether frames must be masked, as a browser's are, or must not be, as a server's.
        kind: BINARY or TEXT, the one that data frames must have.
        words: bytes that a text frame beside binary data may have. It is whole, not empty, and
            lands in ``controls``. Without it no text frame is taken.
    """

    __slots__ = (
        "_dropping",
        "_fragmented",
        "_kind",
        "_limit",
        "_mask",
        "_masked",
        "_remaining",
        "_rest",
        "_usual",
        "_words",
        "controls",
    )

    def __init__(
        self, limit: int, *, masked: bool = True, kind: Opcode = Opcode.BINARY, words: int = 0
    ) -> None:
        self.controls: list[Control] = []
        self._limit = limit
        self._masked = masked
        self._kind = kind
        self._words = words
        self._usual = _FINAL_BINARY if masked and kind is Opcode.BINARY else None
        self._rest = b""
        self._remaining = 0
        self._mask = b""
        self._fragmented = False
        self._dropping = False

    def drop_until_text(self) -> None:
        """Drop data until an empty text frame has come: behind it a new stream begins."""
        self._dropping = True

    def feed(self, data: bytes) -> bytes:
        """Return the data payload of these bytes, which is never longer than they are.

        Raises:
            FrameFault: 1002, 1003 or 1009; what came before the fault is lost.
        """
        if self._rest:
            data = self._rest + data
            self._rest = b""
        payload = []
        position, end = 0, len(data)
        while position < end:
            if self._remaining:
                piece = self._piece(data, position)
                payload.append(piece)
                position += len(piece)
                continue
            # Nearly all frames of a browser are small, whole and binary: keys and pointer moves.
            if data[position] == self._usual and not self._fragmented and end - position > 6:
                length = data[position + 1] - _MASKED
                stop = position + 6 + length
                if 0 <= length < 126 and stop <= end:
                    payload.append(
                        websocket_mask(data[position + 2 : position + 6], data[position + 6 : stop])
                    )
                    position = stop
                    continue
            header = self._header(data, position)
            if header is None:
                break
            beside = header.opcode is Opcode.TEXT and self._kind is Opcode.BINARY
            if beside and self._begins_anew(header):
                self._dropping = False
                payload.clear()
            elif header.opcode < Opcode.CLOSE and not beside:
                self._start(header)
            elif position + header.size + header.length > end:
                break
            else:
                start = position + header.size
                body = data[start : start + header.length]
                self.controls.append(Control(header.opcode, _unmasked(header.mask, body)))
                if header.opcode is Opcode.CLOSE:
                    position = end
                    break
                position += header.length
            position += header.size
        self._rest = data[position:]
        if self._dropping:
            return b""
        return b"".join(payload) if len(payload) != 1 else payload[0]

    def _begins_anew(self, text: _Header) -> bool:
        """Whether a text frame is the empty one that was waited for; else it is a word."""
        if self._dropping and text.final and not text.length:
            return True
        if not self._words:
            raise FrameFault(1003, "What begins a new stream is an empty text frame.")
        if not text.final or not 0 < text.length <= self._words:
            raise FrameFault(1003, f"A text frame here is whole, and has 1 to {self._words} bytes.")
        return False

    def _piece(self, data: bytes, position: int) -> bytes:
        piece = data[position : position + self._remaining]
        mask = self._mask
        self._remaining -= len(piece)
        turn = len(piece) % 4
        self._mask = mask[turn:] + mask[:turn]
        return _unmasked(mask, piece)

    def _start(self, header: _Header) -> None:
        self._fragmented = not header.final
        self._remaining = header.length
        self._mask = header.mask

    def _header(self, data: bytes, position: int) -> _Header | None:
        """Return the header at the position; ``None`` if it is not complete."""
        if len(data) - position < 2:
            return None
        first, second = data[position], data[position + 1]
        opcode = self._checked_opcode(first)
        length, size = second & 0x7F, 2
        if self._masked and not second & _MASKED:
            raise FrameFault(1002, "A frame from the browser must be masked.")
        if second & _MASKED and not self._masked:
            raise FrameFault(1002, "A frame from a server must not be masked.")
        if opcode >= Opcode.CLOSE and (length > 125 or not first & 0x80):
            raise FrameFault(1002, "A control frame must be short and whole.")
        if length >= 126:
            size = 4 if length == 126 else 10
            if len(data) - position < size:
                return None
            length = int.from_bytes(data[position + 2 : position + size])
        if length > self._limit:
            raise FrameFault(1009, f"A frame may have at most {self._limit} bytes.")
        body = size + _KEY_SIZE if self._masked else size
        if len(data) - position < body:
            return None
        mask = data[position + size : position + body]
        return _Header(bool(first & 0x80), opcode, length, mask, body)

    def _checked_opcode(self, first: int) -> Opcode:
        if first & _RESERVED_BITS:
            raise FrameFault(1002, "No extension was agreed on.")
        try:
            opcode = Opcode(first & 0x0F)
        except ValueError:
            raise FrameFault(1002, "There is no such opcode.") from None
        beside = self._dropping or self._words
        if opcode in _DATA and opcode is not self._kind and not beside:
            raise FrameFault(1003, f"A console takes {self._kind.name.lower()} frames here.")
        if opcode is Opcode.CONTINUATION and not self._fragmented:
            raise FrameFault(1002, "There is no message to continue.")
        if opcode in _DATA and self._fragmented:
            raise FrameFault(1002, "The message before has not ended.")
        return opcode


def _unmasked(mask: bytes, data: bytes) -> bytes:
    return websocket_mask(mask, data) if mask else data


def masked_frame(opcode: Opcode, payload: bytes, key: bytes) -> bytes:
    """Return a whole frame as a client has to send it.

    Args:
        key: 4 bytes that nobody can foresee, new for each frame (RFC 6455 section 10.3).
    """
    length = len(payload)
    if length < 126:
        header = bytes((_FINAL | opcode, _MASKED | length))
    elif length < 65536:
        header = bytes((_FINAL | opcode, _MASKED | 126)) + length.to_bytes(2)
    else:
        header = bytes((_FINAL | opcode, _MASKED | 127)) + length.to_bytes(8)
    return b"".join((header, key, websocket_mask(key, payload)))


def binary_frame(payload: bytes) -> bytes:
    """Return a whole frame as a server has to send it."""
    frame = bytearray(HEADER_ROOM) + payload
    return bytes(frame[write_header(frame, HEADER_ROOM, len(payload)) :])


def write_header(buffer: bytearray, payload_at: int, length: int) -> int:
    """Write a binary frame's header so that it ends where its payload begins.

    Returns:
        Where the header begins; ``payload_at`` must be at least ``HEADER_ROOM``.
    """
    if length < 126:
        buffer[payload_at - 2] = _FINAL_BINARY
        buffer[payload_at - 1] = length
        return payload_at - 2
    size, mark = (2, 126) if length < 65536 else (8, 127)
    start = payload_at - size - 2
    buffer[start] = _FINAL_BINARY
    buffer[start + 1] = mark
    buffer[start + 2 : payload_at] = length.to_bytes(size)
    return start
