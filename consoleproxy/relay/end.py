"""How a relay ends, and what becomes of the browser then."""

import enum
from dataclasses import dataclass
from typing import Literal

# "Service restart" of the registry of RFC 6455 section 11.7: the viewer comes back by itself.
RECONNECT = 1012

# RFC 6455 section 7.4.1: the browser's own word for a page that goes.
GOING_AWAY = 1001

# Our own viewer leaves with these: its network went, and it comes back by itself; its page was
# left, and may be loaded again.
NETWORK_GONE = 4001
PAGE_LEFT = 4002
MAY_RETURN = frozenset({NETWORK_GONE, PAGE_LEFT})

Side = Literal["browser", "guest", "asked", "protocol"]


@dataclass(frozen=True, slots=True)
class RelayEnd:
    """Who ended a session, with the close code and reason.

    ``cut``: the browser vanished without a close frame or said that it may come back, or lost its
    guest, and may come back.
    ``kept``: its connection is still open, and is the channel's again.
    """

    who: Side
    code: int
    reason: str
    cut: bool = False
    kept: bool = False


class AfterGuest(enum.Enum):
    """What becomes of a browser whose guest ended: the end, a new connection, or a new guest."""

    CLOSE = enum.auto()
    RETURN = enum.auto()
    KEEP = enum.auto()
