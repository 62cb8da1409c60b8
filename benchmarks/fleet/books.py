"""What a management server keeps, as the simulation speaks to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from consoleproxy.management.fleet.assignment import Candidate


@dataclass(frozen=True, slots=True)
class Link:
    """A console that was given out.

    Args:
        uuid: of its session.
        held: whether the VM had a session or a link at that proxy already.
        over: by how many sessions the proxy is above its room with it, where that is known.
    """

    uuid: str
    machine: int
    proxy: int
    held: bool
    over: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A load report: the open sessions' uuids, and those that ended since the last one."""

    proxy: int
    live: Sequence[str]
    removed: Sequence[str]


class Books(Protocol):
    """Where consoles go, and what is known of the proxies; times in seconds."""

    def ask(self, machine: int, now: float) -> Link | None:
        """Give out a console of a VM; ``None`` where no proxy has room."""

    def use(self, link: Link, now: float) -> bool:
        """Open the session of a link; return whether it may be."""

    def report(self, report: Report, now: float) -> None:
        """Take a load report."""

    def register(self, proxies: Iterable[int], now: float) -> None:
        """Take in proxies that have just started."""

    def drain(self, proxy: int, now: float) -> None:
        """Give a proxy no new consoles until it registers again."""

    def missed(self, proxy: int, now: float) -> None:
        """Learn that three reports of a proxy have not come, by the clock alone."""

    def candidates(self) -> Iterable[Candidate]:
        """Return all proxies as the next decision would see them."""
