"""How much room the CPVMs have, and how many there should be: without I/O and without a clock."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.states import ProxyState


@dataclass(frozen=True, slots=True)
class Rules:
    """What the number of CPVMs depends on besides their load.

    Args:
        standby: sessions to be kept free, ``consoleproxy.capacity.standby``.
        session_max: what a further CPVM takes while none runs, at least 1. Else it takes what the
            smallest running one does.
        launch_max: no more are asked for, ``consoleproxy.launch.max``.
    """

    standby: int
    session_max: int
    launch_max: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """The room of all CPVMs together.

    Args:
        running: number of CPVMs that get sessions.
        states: numbers of CPVMs by state.
        sessions: those on CPVMs that are connected, given out ones included.
        free: further sessions that the running ones take.
        standby: ``consoleproxy.capacity.standby``.
        wanted: running CPVMs that it takes for ``free`` to reach ``standby``, up to
            ``consoleproxy.launch.max``; never fewer than run, as ending one would end its sessions.
        reason: why as many are wanted, for people.
    """

    running: int
    states: Mapping[ProxyState, int]
    sessions: int
    free: int
    standby: int
    wanted: int
    reason: str

    @property
    def disconnected(self) -> int:
        """Number of CPVMs that are silent."""
        return self.states.get(ProxyState.DISCONNECTED, 0)

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


def capacity_of(candidates: Iterable[Candidate], rules: Rules) -> Capacity:
    """Work out the room, and how many CPVMs there should be.

    More are wanted where fewer than ``rules.standby`` sessions are free, and where none is.
    """
    everything = list(candidates)
    running = [one for one in everything if one.running]
    free = sum(one.free for one in running)
    missing = max(rules.standby, 1) - free
    each = max(1, min((one.capacity for one in running), default=rules.session_max))
    needed = -(-missing // each) if missing > 0 else 0
    further = min(needed, max(rules.launch_max - len(running), 0))
    return Capacity(
        running=len(running),
        states=Counter(one.state for one in everything),
        sessions=sum(one.load for one in everything if one.state is not ProxyState.DISCONNECTED),
        free=free,
        standby=rules.standby,
        wanted=len(running) + further,
        reason=_reason(len(running), free, rules, needed, further),
    )


def _reason(running: int, free: int, rules: Rules, needed: int, further: int) -> str:
    if not needed:
        return f"{_are(free)} free, and {rules.standby} are to be kept free"
    reason = (
        f"only {_are(free)} free, and {max(rules.standby, 1)} are to be kept free"
        if running
        else "no console proxy is connected"
    )
    if further < needed:
        reason += f"; consoleproxy.launch.max={rules.launch_max} allows no more proxies"
    return reason


def _are(sessions: int) -> str:
    return "1 session is" if sessions == 1 else f"{sessions} sessions are"
