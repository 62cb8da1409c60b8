"""The management servers that this agent may connect to, and which one is next.

``host=10.1.1.1,10.1.1.2@roundrobin``: names or addresses in order, and how agents spread over them.
The management server sends such a list, too, and names servers to avoid.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

# The server sorts the list for each agent by its algorithm; an agent goes by the order it is given.
ALGORITHMS = ("static", "roundrobin", "shuffle")

_HOST = re.compile(r"[A-Za-z0-9_.:%-]{1,255}")
_MOST_HOSTS = 100


@dataclass(frozen=True, slots=True)
class HostList:
    """Args:
    hosts: in the order of preference; never empty.
    algorithm: one of ``ALGORITHMS``, or empty where none was named.
    """

    hosts: tuple[str, ...]
    algorithm: str = ""

    @classmethod
    def parse(cls, text: str) -> "HostList":
        """Read ``a,b,c`` or ``a,b,c@algorithm``.

        Raises:
            ValueError: what to change.
        """
        names, _, algorithm = text.partition("@")
        return cls.of([name.strip() for name in names.split(",")], algorithm.strip())

    @classmethod
    def of(cls, hosts: Iterable[str], algorithm: str) -> "HostList":
        """Return the list of these.

        Raises:
            ValueError: what to change.
        """
        found = tuple(dict.fromkeys(_without_brackets(host) for host in hosts))
        if not all(_HOST.fullmatch(host) for host in found):
            raise ValueError("host must be names or addresses of management servers, with commas")
        if not 0 < len(found) <= _MOST_HOSTS:
            raise ValueError(f"host must name 1 to {_MOST_HOSTS} management servers")
        if algorithm not in ("", *ALGORITHMS):
            raise ValueError(f"{algorithm!r} is not one of {', '.join(ALGORITHMS)}")
        return cls(found, algorithm)

    def __str__(self) -> str:
        hosts = ",".join(self.hosts)
        return f"{hosts}@{self.algorithm}" if self.algorithm else hosts


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where in the list the agent is.

    Args:
        avoided: servers that are about to stop; tried only where no other is left.
    """

    known: HostList
    avoided: frozenset[str] = frozenset()
    position: int = -1

    @property
    def host(self) -> str:
        """The server at the cursor."""
        return self.known.hosts[self.position]

    @property
    def preferred(self) -> str:
        """The server that an agent returns to once it is there again."""
        return self.candidates[0]

    def next(self) -> "Cursor":
        """Return the cursor at the next server to try, in a circle."""
        count = len(self.known.hosts)
        candidates = self.candidates
        for step in range(1, count + 1):
            position = (self.position + step) % count
            if self.known.hosts[position] in candidates:
                return replace(self, position=position)
        raise AssertionError("a list without hosts")

    def before(self, host: str) -> "Cursor":
        """Return the cursor whose next server is this one, which must be in the list."""
        return replace(self, position=self.known.hosts.index(host) - 1)

    def told(self, known: HostList | None, avoided: Iterable[str] | None) -> "Cursor":
        """Return the cursor after the management server's word; a new list begins at its start.

        Args:
            known: ``None``: as before.
            avoided: ``None``: as before.
        """
        avoiding = self.avoided if avoided is None else frozenset(avoided)
        if known is None or known == self.known:
            return replace(self, avoided=avoiding)
        return Cursor(known, avoiding)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The servers that may be tried: all, where all are to be avoided."""
        hosts = self.known.hosts
        return tuple(host for host in hosts if host not in self.avoided) or hosts


def _without_brackets(host: str) -> str:
    """Return an IPv6 address that is written as in a URL as it is elsewhere."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host
