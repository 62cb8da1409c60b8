"""What idle sessions cost in CPU time: all contestants hold theirs at the same time."""

import time
from collections.abc import Sequence

from benchmarks import load
from benchmarks.load import LoadFailed, Moment
from benchmarks.measures.base import way_to
from benchmarks.peers.base import Peer

NAME = "idle-cpu"
SESSIONS = 1000

_MOMENT = 0.1
# What opening a thousand sessions leaves to be done.
_SETTLE_SECONDS = 1.0


class IdleCpu:
    """Opens the sessions of one contestant after the other, and then looks at all.

    ``percent`` has each contestant's use, in percent of a core; ``failures`` says why one has none.

    Args:
        seconds: how long is looked; keep-alives should be in it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.percent: dict[Peer, float] = {}
        self.failures: dict[Peer, str] = {}

    def measure(self, peers: Sequence[Peer]) -> None:
        """Measure all of them at once."""
        self._hold(list(peers), [])

    def _hold(self, waiting: list[Peer], holding: list[Peer]) -> None:
        if not waiting:
            self._look(holding)
            return
        peer, *others = waiting
        ready = False

        def watch(moment: Moment) -> None:
            nonlocal ready
            if moment is Moment.READY:
                ready = True
                self._hold(others, [*holding, peer])

        try:
            found = load.idle(
                way_to(peer, SESSIONS), sessions=SESSIONS, seconds=_MOMENT, watch=watch
            )
            if found.alive < SESSIONS:
                raise LoadFailed(f"{found.alive} of {SESSIONS} idle sessions were alive")
        except LoadFailed as error:
            self.failures[peer] = str(error)
            self.percent.pop(peer, None)
            if not ready:
                self._hold(others, holding)

    def _look(self, holding: list[Peer]) -> None:
        time.sleep(_SETTLE_SECONDS)
        before, started = _used(holding), time.monotonic()
        time.sleep(self._seconds)
        passed = time.monotonic() - started
        for peer, seconds in _used(holding).items():
            self.percent[peer] = (seconds - before[peer]) / passed * 100


def _used(peers: list[Peer]) -> dict[Peer, float]:
    return {peer: peer.tree.cpu_seconds() for peer in peers if peer.tree is not None}
