"""How much room the CPVMs have, and how many there should be: without I/O and without a clock."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from consoleproxy.management.fleet.assignment import Candidate


@dataclass(frozen=True, slots=True)
class Capacity:
    """The room of all CPVMs together.

    Args:
        running, disconnected: numbers of CPVMs.
        sessions: those on running CPVMs, given out ones included.
        free: further sessions that the running ones take.
        standby: ``consoleproxy.capacity.standby``.
        wanted: running CPVMs that it takes for ``free`` to reach ``standby``; never fewer than
            run, as ending one would end its sessions.
        reason: why as many are wanted, for people.
    """

    running: int
    disconnected: int
    sessions: int
    free: int
    standby: int
    wanted: int
    reason: str

    @property
    def expand(self) -> bool:
        """Whether more CPVMs are wanted than run."""
        return self.wanted > self.running

    def to_json(self) -> str:
        """Return the body of the scale signal."""
        return json.dumps(
            {
                "wantedProxies": self.wanted,
                "running": self.running,
                "free": self.free,
                "standby": self.standby,
                "reason": self.reason,
            }
        )


def capacity_of(candidates: Iterable[Candidate], standby: int, session_max: int) -> Capacity:
    """Work out the room, and how many CPVMs there should be.

    More are wanted where fewer than ``standby`` sessions are free, and where none is.

    Args:
        session_max: what a further CPVM takes while none runs, at least 1. Else it takes what the
            smallest running one does.
    """
    everything = list(candidates)
    running = [one for one in everything if one.running]
    free = sum(one.free for one in running)
    missing = max(standby, 1) - free
    each = max(1, min((one.capacity for one in running), default=session_max))
    further = -(-missing // each) if missing > 0 else 0
    return Capacity(
        running=len(running),
        disconnected=len(everything) - len(running),
        sessions=sum(one.load for one in running),
        free=free,
        standby=standby,
        wanted=len(running) + further,
        reason=_reason(len(running), free, standby, further),
    )


def _reason(running: int, free: int, standby: int, further: int) -> str:
    if not further:
        return f"{free} sessions are free, and {standby} are to be kept free"
    if not running:
        return "no console proxy is connected"
    return f"only {free} sessions are free, and {max(standby, 1)} are to be kept free"
