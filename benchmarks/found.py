"""What the load generator finds; fields are named as in its last line of output."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Down:
    """What streaming sessions delivered: payload bytes in the window."""

    bytes: int
    seconds: float
    per_session: Sequence[int]


@dataclass(frozen=True, slots=True)
class Up:
    """How many 10-byte frames reached the guest in the window."""

    frames: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Echo:
    """Round trips of 10-byte frames, in microseconds, and what the streams beside them took."""

    p50: float
    p99: float
    p999: float
    samples: int
    busy_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Opened:
    """How many consoles were opened, up to the guest's first byte, and closed in the window."""

    consoles: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Idle:
    """How many idle sessions still carried bytes to the guest and back at the end."""

    alive: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Bytes that the guest could send to viewers who do not read, and what these read before."""

    taken: int
    read: int


@dataclass(frozen=True, slots=True)
class Keys:
    """How long keys were under way to the guest, in microseconds.

    Some may be ``missing`` even seconds later; they count with the time that they have been under
    way until then. ``queued`` is what the guest had sent and the browser had not read at the end:
    bytes of stale frames.
    """

    p50: float
    p99: float
    max: float
    samples: int
    missing: int
    queued: int
