"""What happens to the proxies in a day: which die when, and when they are back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.fleet.scenario import DAY_SECONDS, Scenario

_SHORTEST_DEATH = 5.0


@dataclass(frozen=True, slots=True)
class Death:
    """A proxy that is gone at once, and the seconds until it starts again."""

    at: float
    proxy: int
    seconds: float


def deaths(scenario: Scenario) -> Iterator[Death]:
    """Yield the day's deaths in order; the same ones for the same seed."""
    chance = random.Random(f"{scenario.seed} deaths")
    for at in sorted(chance.random() * DAY_SECONDS for _ in range(scenario.deaths)):
        seconds = _SHORTEST_DEATH + chance.expovariate(1 / scenario.dead_mean)
        yield Death(at, chance.randrange(scenario.proxies), seconds)


def phases(scenario: Scenario) -> tuple[float, ...]:
    """Return when within a load interval each proxy reports."""
    chance = random.Random(f"{scenario.seed} phases")
    return tuple(chance.random() * scenario.load_interval for _ in range(scenario.proxies))
