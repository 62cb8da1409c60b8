"""What stays of a run: figures as JSON, lines for people."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.fleet.contention import Found
from benchmarks.fleet.measures import Measures
from benchmarks.fleet.runs import HISTORY, Stretch
from benchmarks.fleet.scenario import HOURS, Scenario
from benchmarks.fleet.summary import Day, Times, day_of
from benchmarks.machine import Machine

FOLDER = Path(__file__).parents[1] / "results"


@dataclass(frozen=True, slots=True)
class SimulatedDay:
    """One fleet's day, by one order."""

    scenario: Scenario
    order: str
    measures: Measures

    @property
    def title(self) -> str:
        """What it is called in a legend."""
        return f"{self.scenario.proxies:,} proxies, {self.order}"


@dataclass(frozen=True, slots=True)
class FleetRun:
    """Everything that was found."""

    machine: Machine
    scenario: Scenario
    days: list[SimulatedDay] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    contentions: list[Found] = field(default_factory=list)

    def to_json(self) -> str:
        """Return all figures; samples are ``[at, sessions, free, wanted, empty, spread]``."""
        document = {
            "machine": asdict(self.machine),
            "scenario": asdict(self.scenario) | {"hours": HOURS},
            "days": [_day(each) for each in self.days],
            "databases": [asdict(each) for each in self.stretches],
            "history": HISTORY,
            "contention": [asdict(each) for each in self.contentions],
        }
        return json.dumps(document, indent=1) + "\n"

    def lines(self) -> Iterator[str]:
        """Yield the figures for people."""
        yield from self.machine.lines()
        for each in self.days:
            yield ""
            yield f"{each.title}:"
            yield from _day_lines(day_of(each.measures))
        for stretch in self.stretches:
            yield ""
            yield (
                f"{stretch.database}, {stretch.order}: {stretch.simulated_seconds:.0f} s of the "
                f"morning's peak took {stretch.busy_seconds:.0f} s"
            )
            for name in ("asks", "uses", "reports"):
                yield f"  {name}: {_times(getattr(stretch, name))}"
        for found in self.contentions:
            what = found.contention
            yield (
                f"{what.servers} servers, {what.callers} callers each, "
                f"{'deciding' if what.decides else 'lock only'}: {found.per_second:.0f}/s, "
                f"p50 {found.p50_us / 1000:.1f} ms, p99 {found.p99_us / 1000:.1f} ms, "
                f"{found.refused} refused"
            )


def _day(each: SimulatedDay) -> dict[str, object]:
    return {
        "proxies": each.scenario.proxies,
        "order": each.order,
        **asdict(day_of(each.measures)),
        "samples": [
            [
                round(sample.at),
                sample.sessions,
                sample.free,
                sample.wanted,
                sample.balance.empty if sample.balance else None,
                round(sample.balance.spread, 4) if sample.balance else None,
            ]
            for sample in each.measures.samples
        ],
    }


def _day_lines(day: Day) -> Iterator[str]:
    for name, value in asdict(day).items():
        if name != "decisions":
            yield f"  {name}: {round(value, 3) if isinstance(value, float) else value}"
    yield f"  decisions: {_times(day.decisions)}"


def _times(times: Times) -> str:
    return f"{times.count:,}, p50 {times.p50_us:,.0f} us, p99 {times.p99_us:,.0f} us"
