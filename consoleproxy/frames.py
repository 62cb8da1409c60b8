"""RFC 6455 section 5: frames from the browser, and headers of frames to it. Pure."""

import enum
from dataclasses import dataclass

from tornado.util import _websocket_mask as websocket_mask

# The longest header of an unmasked frame: two bytes and a 64-bit length.
HEADER_ROOM = 10

_FINAL_BINARY = 0x82
_MASKED = 0x80
_RESERVED_BITS = 0x70


class Opcode(enum.IntEnum):
    """RFC 6455 section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class FrameFault(Exception):
    """The browser broke the protocol; ``code`` and text are for the close frame."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Control:
    """A ping, pong or close frame, unmasked."""

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
    nor a fragmented message is ever collected. Control frames land in ``controls``.

    Args:
        limit: bytes of payload that one frame may have; more is refused by its header.
    """

    __slots__ = ("_fragmented", "_limit", "_mask", "_remaining", "_rest", "controls")

    def __init__(self, limit: int) -> None:
        self.controls: list[Control] = []
        self._limit = limit
        self._rest = b""
        self._remaining = 0
        self._mask = b""
        self._fragmented = False

    def feed(self, data: bytes) -> bytes:
        """Return the data payload of these bytes.

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
            # Nearly all frames of a console are small, whole and binary: keys and pointer moves.
            if data[position] == _FINAL_BINARY and not self._fragmented and end - position > 6:
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
            if header.opcode < Opcode.CLOSE:
                self._start(header)
            elif position + header.size + header.length > end:
                break
            else:
                start = position + header.size
                body = data[start : start + header.length]
                self.controls.append(Control(header.opcode, websocket_mask(header.mask, body)))
                position += header.length
            position += header.size
        self._rest = data[position:]
        return b"".join(payload) if len(payload) != 1 else payload[0]

    def _piece(self, data: bytes, position: int) -> bytes:
        piece = data[position : position + self._remaining]
        mask = self._mask
        self._remaining -= len(piece)
        turn = len(piece) % 4
        self._mask = mask[turn:] + mask[:turn]
        return websocket_mask(mask, piece)

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
        if not second & _MASKED:
            raise FrameFault(1002, "A frame from the browser must be masked.")
        if opcode >= Opcode.CLOSE and (length > 125 or not first & 0x80):
            raise FrameFault(1002, "A control frame must be short and whole.")
        if length >= 126:
            size = 4 if length == 126 else 10
            if len(data) - position < size:
                return None
            length = int.from_bytes(data[position + 2 : position + size])
        if length > self._limit:
            raise FrameFault(1009, f"A frame may have at most {self._limit} bytes.")
        if len(data) - position < size + 4:
            return None
        mask = data[position + size : position + size + 4]
        return _Header(bool(first & 0x80), opcode, length, mask, size + 4)

    def _checked_opcode(self, first: int) -> Opcode:
        if first & _RESERVED_BITS:
            raise FrameFault(1002, "No extension was agreed on.")
        try:
            opcode = Opcode(first & 0x0F)
        except ValueError:
            raise FrameFault(1002, "There is no such opcode.") from None
        if opcode is Opcode.TEXT:
            raise FrameFault(1003, "A console takes binary frames.")
        if opcode is Opcode.CONTINUATION and not self._fragmented:
            raise FrameFault(1002, "There is no message to continue.")
        if opcode is Opcode.BINARY and self._fragmented:
            raise FrameFault(1002, "The message before has not ended.")
        return opcode


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
