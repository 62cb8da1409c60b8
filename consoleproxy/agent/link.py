"""The frames of the link to a CloudStack management server: a 4-byte header, then TLS records.

The header's lower 16 bits are the length of what follows, bit 16 says that the message goes on in
the next frame. A management server sends one TLS record in each frame and closes the link at a
frame of more than 18,000 bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from consoleproxy.errors import AgentLinkBroken

FRAME_LIMIT_BYTES = 18_000

_HEADER = struct.Struct(">I")
_LENGTH = 0xFFFF
_FOLLOWING = 0x1_0000


@dataclass(frozen=True, slots=True)
class Frame:
    """Args:
    records: one or more whole TLS records.
    following: whether the next frame belongs to the same message.
    """

    records: bytes = field(repr=False)
    following: bool

    def to_bytes(self) -> bytes:
        """Return the frame as it is sent.

        Raises:
            ValueError: it is empty or too long.
        """
        if not 0 < len(self.records) <= FRAME_LIMIT_BYTES:
            raise ValueError(f"a frame of {len(self.records)} bytes")
        return _HEADER.pack(len(self.records) | _FOLLOWING * self.following) + self.records


class FrameReader:
    """Cuts what arrives into frames, however it arrives."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete with this.

        Raises:
            AgentLinkBroken: a header that no management server sends.
        """
        self._waiting += data
        while len(self._waiting) >= _HEADER.size:
            (header,) = _HEADER.unpack_from(self._waiting)
            length = header & _LENGTH
            if not 0 < length <= FRAME_LIMIT_BYTES or header & ~(_LENGTH | _FOLLOWING):
                raise AgentLinkBroken("a frame with an impossible header")
            end = _HEADER.size + length
            if len(self._waiting) < end:
                return
            records = bytes(self._waiting[_HEADER.size : end])
            del self._waiting[:end]
            yield Frame(records, bool(header & _FOLLOWING))
