"""What is opened in a firewall: ports of an interface."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# Linux, dev_valid_name: shorter than 16, without slash, colon and blank; here without what means
# something to a firewall's own language, too.
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")


@dataclass(frozen=True, slots=True)
class Opening:
    """TCP ports that may be reached through an interface.

    Raises:
        ValueError: the interface or a port is none.
    """

    interface: str
    ports: tuple[int, ...]

    def __post_init__(self) -> None:
        if not _INTERFACE.fullmatch(self.interface):
            raise ValueError(f"{self.interface!r} is no name of a network interface")
        for port in self.ports:
            if not 0 < port < 65536:
                raise ValueError(f"{port} is no port")


class Firewall(Protocol):
    """A firewall of the system; both block, and may be called again at any time."""

    def open(self, openings: Sequence[Opening]) -> None:
        """Open these, and nothing that was opened before.

        Raises:
            ProgramFailed: nothing has changed; what to do.
        """

    def close(self) -> None:
        """Close all of it, also what a proxy before this one left behind.

        Raises:
            ProgramFailed: what to do.
        """
