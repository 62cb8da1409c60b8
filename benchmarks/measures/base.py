"""What a measure is, and what it gets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.load import Moment, Way
from benchmarks.peers.base import Direct, Peer
from benchmarks.process import Tree
from benchmarks.results import Column, Scheme

Figures = Iterator[tuple[Column, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measurement of one contestant.

    Args:
        name: for ``--only``.
        columns: what ``run`` finds.
        run: gets a running contestant, and the seconds of a usual window.
        sessions: how many it holds at once.
        fresh: it gets a contestant that was just started, and nobody gets it afterwards.
        most_rounds: it is left out of later rounds.
        schemes: it is left out of others.
        of_processes: it is about the proxy's processes; without a proxy there is nothing.
    """

    name: str
    columns: tuple[Column, ...]
    run: Callable[[Peer, float], Figures]
    sessions: int = 1
    fresh: bool = False
    most_rounds: int | None = None
    schemes: tuple[Scheme, ...] = ("ws", "wss")
    of_processes: bool = False

    def suits(self, kind: type[Peer], scheme: Scheme, number: int) -> bool:
        """Whether this contestant is measured in a round; the guest itself speaks no TLS."""
        if scheme not in self.schemes:
            return False
        if self.most_rounds is not None and number >= self.most_rounds:
            return False
        return kind is not Direct or (scheme == "ws" and not self.of_processes)


def way_to(peer: Peer, sessions: int) -> Way:
    """Return the way through a contestant, for that many sessions."""
    return Way(
        port=peer.port,
        guest_port=peer.guest_port,
        targets=peer.targets(sessions),
        raw=peer.raw,
        tls=peer.certificate is not None,
    )


class CpuWatch:
    """Watches what a process tree uses between the window's start and its end.

    Args:
        tree: None: nothing is watched, and nothing found.
    """

    def __init__(self, tree: Tree | None) -> None:
        self._tree = tree
        self.seconds = 0.0

    def __call__(self, moment: Moment) -> None:
        """Be told by the load generator."""
        if self._tree is None:
            return
        if moment is Moment.START:
            self.seconds = -self._tree.cpu_seconds()
        elif moment is Moment.END:
            self.seconds += self._tree.cpu_seconds()
