"""What the relay is to reach: ratios within one run, and a few bounds in units."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import columns
from benchmarks.peers.base import Direct
from benchmarks.peers.bridges import Go
from benchmarks.peers.product import ConsoleProxy, OneWorker
from benchmarks.peers.programs import Haproxy, Websockify
from benchmarks.results import Column, Place, Results, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound of one figure, or of its ratio to another one.

    Args:
        column: of whom the goal is, with ``scheme`` and ``peer``.
        at_least, at_most: one of them.
        of: the figure is divided by this one; None: by nothing.
    """

    column: Column
    scheme: Scheme = "ws"
    peer: str = ConsoleProxy.name
    of: Place | None = None
    at_least: float | None = None
    at_most: float | None = None

    def found(self, results: Results) -> float | None:
        """Return the ratio or figure; None where something of it was not measured."""
        mine = results.median(Place(self.scheme, self.column, self.peer))
        if mine is None or self.of is None:
            return mine
        theirs = results.median(self.of)
        return mine / theirs if theirs else None

    def met(self, found: float) -> bool:
        """Whether this is within the bound."""
        if self.at_least is not None:
            return found >= self.at_least
        return self.at_most is not None and found <= self.at_most

    def text(self) -> str:
        """Return what is asked for."""
        way, bound = (
            ("at least", self.at_least) if self.at_least is not None else ("at most", self.at_most)
        )
        if self.of is None:
            asked = f"{way} {bound:g} {self.column.unit}"
        elif self.of.column == self.column:
            asked = f"{way} {bound:.3g} x {self.of.peer}"
        else:
            asked = f"{way} {bound:.3g} x its {self.of.column.title}"
        who = "" if self.peer == ConsoleProxy.name else f" ({self.peer})"
        return f"{self.scheme} {self.column.title}{who}: {asked}"


def _than(
    peer: str,
    column: Column,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    scheme: Scheme = "ws",
) -> Goal:
    of = Place(scheme, column, peer)
    return Goal(column=column, scheme=scheme, of=of, at_least=at_least, at_most=at_most)


_OWN_IDLE_P99 = Place("ws", columns.ECHO_P99, ConsoleProxy.name)

GOALS: tuple[Goal, ...] = (
    _than(Direct.name, columns.DOWN_1_64K, at_least=0.85),
    _than(Websockify.name, columns.DOWN_1_64K, at_least=1.4),
    _than(Haproxy.name, columns.DOWN_1_64K, at_least=1),
    _than(Go.name, columns.DOWN_8_64K, at_least=1),
    _than(Websockify.name, columns.DOWN_8_64K, at_least=1.25),
    _than(Websockify.name, columns.CPU_1_64K, at_most=0.45),
    _than(Websockify.name, columns.UP, at_least=8),
    _than(Websockify.name, columns.ECHO_P50, at_most=0.6),
    _than(Websockify.name, columns.ECHO_P99, at_most=0.7),
    Goal(column=columns.PACED_P99, of=_OWN_IDLE_P99, at_most=3),
    Goal(column=columns.FLAT_P99, of=_OWN_IDLE_P99, at_most=3),
    Goal(column=columns.KEY_MAX, at_most=20_000),
    _than(Websockify.name, columns.OPENED, at_least=6),
    _than(Websockify.name, columns.IDLE_300, at_most=1 / 200),
    Goal(column=columns.WHOLE_5000, peer=OneWorker.name, at_most=150),
    Goal(column=columns.IDLE_CPU, at_most=1),
    # Four times what the proxy keeps of a session whose browser does not read.
    Goal(column=columns.SLOW_PSS, at_most=4),
    Goal(column=columns.SLOW_P99, of=_OWN_IDLE_P99, at_most=1.5),
    _than(Websockify.name, columns.DOWN_1_64K, at_least=1.3, scheme="wss"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, and what was found."""

    goal: Goal
    found: float
    met: bool


def verdicts(results: Results) -> Iterator[Verdict]:
    """Judge the goals whose figures were measured."""
    for goal in GOALS:
        found = goal.found(results)
        if found is not None:
            yield Verdict(goal, found, goal.met(found))
