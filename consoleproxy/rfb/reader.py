"""Received bytes, read by generators that ask for exact counts and yield while short of them."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from consoleproxy.errors import ConsoleRefused

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class StartTls:
    """TLS is to be started on the stream before anything else is said.

    Args:
        anonymous: the server has no certificate.
    """

    anonymous: bool


Read: TypeAlias = Generator[StartTls | None, None, _T]
"""A read in progress: yields when it needs more bytes, or TLS, and returns what it read.

Where the stream ended, the owner throws EOFError in at the yield.
"""

REASON_LIMIT = 4096
"""Bytes of a failure reason that are read, or written."""


class Reader:
    """What one peer sent and nobody read yet.

    Args:
        fault: raised for a peer that breaks the protocol.
        unread_limit: bytes that may wait for whoever comes after the login.
    """

    def __init__(self, fault: type[ConsoleRefused], unread_limit: int) -> None:
        self.fault = fault
        self._unread_limit = unread_limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._buffer += data

    def check_limit(self) -> None:
        """Raise the fault if more bytes are waiting than may.

        To be called when the reads have taken theirs: the length of one ``feed`` does not count.
        """
        if len(self._buffer) > self._unread_limit:
            raise self.fault(f"sent {len(self._buffer)} bytes ahead of the login's end")

    @property
    def unread(self) -> int:
        """How many bytes are waiting."""
        return len(self._buffer)

    def take_all(self) -> bytes:
        """Return and forget all that is unread."""
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    def exact(self, count: int) -> Read[bytes]:
        """Read ``count`` bytes."""
        while len(self._buffer) < count:
            yield None
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def skip(self, count: int) -> Read[None]:
        """Drop ``count`` bytes, as they come."""
        while count:
            while not self._buffer:
                yield None
            dropped = min(count, len(self._buffer))
            del self._buffer[:dropped]
            count -= dropped

    def u8(self) -> Read[int]:
        """Read an unsigned byte."""
        return (yield from self.exact(1))[0]

    def u32(self) -> Read[int]:
        """Read an unsigned 32-bit number."""
        return int.from_bytes((yield from self.exact(4)), "big")

    def reason(self) -> Read[str]:
        """Read the reason of a failure (RFC 6143 7.1.2, 7.1.3) as text that is fit for a log line.

        A failure is one whatever becomes of its reason: if the stream ends, the text is what came
        of it, and a reason that is too long is only described.
        """
        try:
            length = yield from self.u32()
        except EOFError:
            return "no reason given"
        if length > REASON_LIMIT:
            return f"a reason of {length} bytes, too long to be read"
        try:
            raw = yield from self.exact(length)
        except EOFError:
            raw = self.take_all()
        return _log_text(raw) or "no reason given"


def _log_text(raw: bytes) -> str:
    words = " ".join(raw.decode("utf-8", "replace").split())
    return "".join(letter for letter in words if letter.isprintable())
