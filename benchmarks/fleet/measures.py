"""Notes of a simulated day: balance, moves, refusals, wanted proxies, time per decision."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from consoleproxy.management.fleet.capacity import Capacity


class Move(StrEnum):
    """Why a VM's console went to another proxy than its last one."""

    GONE = "its proxy was gone or taking no new consoles"
    OVER = "its session was over, and another proxy came first"


@dataclass(frozen=True, slots=True)
class Balance:
    """How sessions are spread over the proxies that take some.

    Args:
        spread: coefficient of variation, 0 where all are alike.
        gini: 0 where all are alike, towards 1 where few have all.
        top: the largest load by the mean one.
        empty: proxies without a session.
    """

    spread: float
    gini: float
    top: float
    empty: int


def balance(loads: Sequence[int]) -> Balance | None:
    """Return the balance of these loads; ``None`` where there is no session."""
    total = sum(loads)
    if not total:
        return None
    mean = total / len(loads)
    ranked = sum(rank * load for rank, load in enumerate(sorted(loads), start=1))
    gini = 2 * ranked / (len(loads) * total) - (len(loads) + 1) / len(loads)
    return Balance(statistics.pstdev(loads) / mean, gini, max(loads) / mean, loads.count(0))


@dataclass(frozen=True, slots=True)
class Sample:
    """The fleet at one moment of the day, in seconds since it began."""

    at: float
    sessions: int
    balance: Balance | None
    running: int
    free: int
    wanted: int


@dataclass(slots=True)
class Measures:
    """What a day's simulation notes.

    Args:
        asked: consoles asked for, retries included.
        refused: of them, those for which no proxy had room.
        given_up: uses that were refused to the last retry.
        to_dead: links to a proxy that was gone, before the books could know.
        proxy_full: sessions that a proxy refused, being full.
        not_allowed: links that the books did not allow to be used.
        unused: links that nobody used.
        held: links that went to the proxy that the VM had already.
        overfull: decisions that took a proxy above its room; all for VMs that it has.
        most_over: by how many sessions at most.
        cut: sessions that a death ended, of each death.
        drained_out: sessions that were ended as their proxy's upgrade would wait no longer.
    """

    asked: int = 0
    given: int = 0
    refused: int = 0
    given_up: int = 0
    to_dead: int = 0
    proxy_full: int = 0
    not_allowed: int = 0
    unused: int = 0
    began: int = 0
    ended: int = 0
    held: int = 0
    overfull: int = 0
    most_over: int = 0
    drained_out: int = 0
    upgraded: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    cut: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    nanoseconds: list[int] = field(default_factory=list)

    def sample(self, at: float, loads: Sequence[int], capacity: Capacity) -> None:
        """Note the fleet as it is."""
        self.samples.append(
            Sample(
                at,
                sum(loads),
                balance(loads),
                capacity.running,
                capacity.free,
                capacity.wanted,
            )
        )


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of the values is not above; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
