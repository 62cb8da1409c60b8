"""Who asks for which console, when and for how long: drawn from a scenario."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.fleet.scenario import DAY_SECONDS, HOURS, Scenario

# A link is good for longer than the slowest click.
_SLOWEST_CLICK = 100.0


@dataclass(frozen=True, slots=True)
class Use:
    """One console that a user wants, in seconds.

    Args:
        pause: since the one before it ended, 0 for the first.
        click: from link to use.
        length: of the session; ``None`` where the link is never used.
        again: when, after its beginning, the VM is asked for once more; ``None`` for never.
    """

    pause: float
    click: float
    length: float | None
    again: float | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One user at one VM: when it begins, and all consoles that it takes."""

    at: float
    machine: int
    uses: tuple[Use, ...]


def visits(scenario: Scenario) -> Iterator[Visit]:
    """Yield the day's visits in the order of their beginning; the same ones for the same seed."""
    chance = random.Random(f"{scenario.seed} visits")
    machines: list[int] = []
    for at in _beginnings(scenario, chance):
        if not machines:
            # Each VM has its turn, as users have VMs of their own.
            machines = list(range(scenario.machines))
            chance.shuffle(machines)
        yield Visit(at, machines.pop(), tuple(_uses(scenario, chance)))


def _beginnings(scenario: Scenario, chance: random.Random) -> list[float]:
    hour_seconds = DAY_SECONDS / len(HOURS)
    count = round(scenario.machines * scenario.visits_per_machine)
    hours = chance.choices(range(len(HOURS)), HOURS, k=count)
    return sorted((hour + chance.random()) * hour_seconds for hour in hours)


def _uses(scenario: Scenario, chance: random.Random) -> Iterator[Use]:
    pause = 0.0
    while True:
        click = min(chance.expovariate(1 / scenario.click_mean), _SLOWEST_CLICK)
        if chance.random() < scenario.unused:
            yield Use(pause, click, None, None)
        else:
            # The median of a lognormal distribution is the exponential of its mu.
            length = scenario.length_median * chance.lognormvariate(0.0, scenario.length_sigma)
            length = min(length, scenario.length_most)
            doubled = chance.random() < scenario.doubled
            yield Use(pause, click, length, chance.random() * length if doubled else None)
        if chance.random() >= scenario.reopened:
            return
        pause = chance.expovariate(1 / scenario.reopened_mean)
