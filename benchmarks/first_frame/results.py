"""Figures of a run: medians, the goals they are held against, a table and a JSON file."""

import json
import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.first_frame.browser import FirstFrame
from benchmarks.machine import Machine

_KB = 1000


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one server with a cold or a warm cache.

    Args:
        cache: ``cold``: a browser that was never here. ``warm``: the next console in the same
            browser, with a token of its own and over new connections.
    """

    server: str
    cache: str
    frames: list[FirstFrame] = field(default_factory=list)

    @property
    def typical(self) -> FirstFrame:
        """The round with the median time (of an even number, the slower one of two)."""
        ranked = sorted(self.frames, key=lambda frame: frame.seconds)
        return ranked[len(ranked) // 2]

    @property
    def seconds(self) -> float:
        """Median."""
        return statistics.median(frame.seconds for frame in self.frames)

    @property
    def requests(self) -> float:
        """Median."""
        return statistics.median(frame.requests for frame in self.frames)

    @property
    def kilobytes(self) -> float:
        """Median, in 1000 bytes on the wire."""
        return statistics.median(frame.wire_bytes for frame in self.frames) / _KB


@dataclass(frozen=True, slots=True)
class Goal:
    """At most so much of a figure of ``Series``, at ``ROUND_TRIP_MS``."""

    server: str
    cache: str
    figure: str
    at_most: float

    def found(self, series: list[Series]) -> float:
        """Return the figure."""
        (mine,) = (one for one in series if (one.server, one.cache) == (self.server, self.cache))
        return float(getattr(mine, self.figure))


ROUND_TRIP_MS = 50.0
"""What the goals are for."""

_GOALS = (
    Goal("consoleproxy", "cold", "seconds", 0.75),
    Goal("consoleproxy", "cold", "requests", 6),
    Goal("consoleproxy", "cold", "kilobytes", 120),
    Goal("consoleproxy", "warm", "seconds", 0.55),
)


def goals(round_trip_ms: float) -> tuple[Goal, ...]:
    """Return what is to be reached at this distance: known for one only."""
    return _GOALS if round_trip_ms == ROUND_TRIP_MS else ()


def table(round_trip_ms: float, series: list[Series]) -> Iterator[str]:
    """Return the lines for people: medians, goals, and where the time of a cold start goes."""
    yield f"{'':20}{'cache':7}{'seconds':>9}{'from - to':>15}{'requests':>10}{'KB':>7}"
    for one in series:
        times = [frame.seconds for frame in one.frames]
        spread = f"{min(times):.2f} - {max(times):.2f}"
        yield (
            f"{one.server:20}{one.cache:7}{one.seconds:9.2f}{spread:>15}"
            f"{one.requests:10.0f}{one.kilobytes:7.0f}"
        )
    yield ""
    for goal in goals(round_trip_ms):
        found = goal.found(series)
        verdict = "met" if found <= goal.at_most else "NOT MET"
        yield f"{goal.cache} {goal.figure} at most {goal.at_most:g}: {found:.4g}, {verdict}"
    yield ""
    for one in series[:2]:
        yield f"{one.server}, {one.cache}, milliseconds since the navigation:"
        yield from (f"{at:9.1f}  {name}" for name, at in one.typical.steps)


def write_json(machine: Machine, round_trip_ms: float, series: list[Series], path: Path) -> None:
    """Write every round, with the timeline of the typical ones."""
    document = {
        "machine": asdict(machine),
        "round_trip_ms": round_trip_ms,
        "figures": [
            {
                "server": one.server,
                "cache": one.cache,
                "seconds": round(one.seconds, 3),
                "requests": one.requests,
                "kilobytes": one.kilobytes,
                "all_seconds": [round(frame.seconds, 3) for frame in one.frames],
                "connections": one.typical.connections,
                "steps_ms": [[name, round(at, 1)] for name, at in one.typical.steps],
            }
            for one in series
        ],
        "goals": [
            {**asdict(goal), "found": goal.found(series), "met": goal.found(series) <= goal.at_most}
            for goal in goals(round_trip_ms)
        ],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
