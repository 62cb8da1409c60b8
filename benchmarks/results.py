"""Figures of a run: what was measured of whom, in which unit, and how often."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.machine import Machine

Scheme = Literal["ws", "wss"]


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is measured; ``better`` says which way."""

    key: str
    title: str
    unit: str
    better: Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure belongs."""

    scheme: Scheme
    column: Column
    peer: str


@dataclass(slots=True)
class Results:
    """All figures of a run, by place; a remark stands where there can be none."""

    machine: Machine
    rounds: int
    figures: dict[Place, list[float]] = field(default_factory=dict)
    remarks: dict[Place, str] = field(default_factory=dict)

    def add(self, place: Place, value: float) -> None:
        """Add one round's figure."""
        self.figures.setdefault(place, []).append(value)

    def median(self, place: Place) -> float | None:
        """Return the median of all rounds; None if it was not measured."""
        values = self.figures.get(place)
        return statistics.median(values) if values else None

    def rows(self) -> Iterator[tuple[Scheme, Column]]:
        """Return what was measured, in the order in which it first was, ws first."""
        seen = dict.fromkeys(
            (place.scheme, place.column) for place in (*self.figures, *self.remarks)
        )
        yield from sorted(seen, key=lambda row: row[0])

    def peers(self) -> list[str]:
        """Return who was measured, in the order in which they first were."""
        return list(dict.fromkeys(place.peer for place in self.figures))
