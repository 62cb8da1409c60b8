"""Requests and answers between a CloudStack management server and its agents: header and payload.

40 bytes, big-endian: version, zero, flags, sequence number, length of the payload, management
server, agent, via; then the payload, JSON in UTF-8 or gzip of it.
"""

import gzip
import struct
import zlib
from dataclasses import dataclass, field
from enum import IntFlag

from consoleproxy.errors import AgentLinkBroken

# As much as a message may have.
PAYLOAD_LIMIT_BYTES = 4 * 1024 * 1024
# From this size on, management servers compress.
_COMPRESSED_FROM_BYTES = 8192
_HEADER = struct.Struct(">BBHqiqqq")
# On the wire; CloudStack's code calls it version 1.
_VERSION = 0
_GZIP = 16 + zlib.MAX_WBITS

# The number of a management server or an agent that is not known yet.
NOBODY = -1


class Flag(IntFlag):
    """The flags of the header that count."""

    REQUEST = 0x01
    STOP_ON_ERROR = 0x02
    IN_SEQUENCE = 0x04
    FROM_SERVER = 0x20
    CONTROL = 0x40
    COMPRESSED = 0x80


# Without IN_SEQUENCE the server would wait with its next request; FROM_SERVER on an agent's packet
# would be taken for another management server's.
_ANSWERED = Flag.STOP_ON_ERROR | Flag.IN_SEQUENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A request or an answer.

    Args:
        flags: without ``COMPRESSED``, which is the packet's own business.
        sequence: chosen by who asks, the same in the answer.
        management, agent: their numbers; ``NOBODY`` where unknown.
        via: the agent's number in its own requests.
        payload: JSON; may hold keys and passwords.
    """

    flags: Flag
    sequence: int
    management: int = NOBODY
    agent: int = NOBODY
    via: int = NOBODY
    payload: bytes = field(repr=False)

    @property
    def is_request(self) -> bool:
        """Whether an answer is expected."""
        return Flag.REQUEST in self.flags

    def answer(self, payload: bytes) -> "Packet":
        """Return the answer to this request."""
        return Packet(
            flags=self.flags & _ANSWERED,
            sequence=self.sequence,
            management=self.management,
            agent=self.agent,
            via=self.via,
            payload=payload,
        )

    def to_bytes(self) -> bytes:
        """Return the packet as a message of the link."""
        flags, sent = self.flags, self.payload
        if len(sent) >= _COMPRESSED_FROM_BYTES:
            flags, sent = flags | Flag.COMPRESSED, gzip.compress(sent)
        header = _HEADER.pack(
            _VERSION,
            0,
            flags,
            self.sequence,
            len(self.payload),
            self.management,
            self.agent,
            self.via,
        )
        return header + sent

    @classmethod
    def from_bytes(cls, message: bytes) -> "Packet":
        """Read a message of the link.

        Raises:
            AgentLinkBroken: it is no such packet, or too large.
        """
        if len(message) < _HEADER.size:
            raise AgentLinkBroken("a message that is shorter than its header")
        version, _, bits, sequence, length, management, agent, via = _HEADER.unpack_from(message)
        if version != _VERSION:
            raise AgentLinkBroken(f"protocol version {version}, and this agent speaks 0")
        payload = message[_HEADER.size :]
        flags = Flag(bits)
        if Flag.COMPRESSED in flags:
            payload = _inflated(payload, length)
        if len(payload) > PAYLOAD_LIMIT_BYTES:
            raise AgentLinkBroken(f"a payload of more than {PAYLOAD_LIMIT_BYTES} bytes")
        return cls(
            flags=flags & ~Flag.COMPRESSED,
            sequence=sequence,
            management=management,
            agent=agent,
            via=via,
            payload=payload,
        )


def _inflated(data: bytes, length: int) -> bytes:
    """Return exactly ``length`` bytes, and never inflate more."""
    if not 0 <= length <= PAYLOAD_LIMIT_BYTES:
        raise AgentLinkBroken(f"a payload of more than {PAYLOAD_LIMIT_BYTES} bytes")
    inflate = zlib.decompressobj(_GZIP)
    try:
        # One byte more, as 0 would mean without a limit.
        payload = inflate.decompress(data, length + 1)
    except zlib.error:
        raise AgentLinkBroken("a compressed payload that is damaged") from None
    if len(payload) != length or not inflate.eof:
        raise AgentLinkBroken("a compressed payload of another length than its header says")
    return payload
