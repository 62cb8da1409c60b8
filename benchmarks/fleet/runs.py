"""The parts of a run: whole days in memory, a busy stretch in a database, servers that contend."""

import time
from dataclasses import dataclass

from benchmarks.fleet.contention import Contention, Found, contend, hear_of_all
from benchmarks.fleet.database_books import EPOCH, DatabaseBooks
from benchmarks.fleet.lockstep import Lockstep, copy_into_database
from benchmarks.fleet.measures import Measures
from benchmarks.fleet.memory_books import MemoryBooks
from benchmarks.fleet.proxies import Life
from benchmarks.fleet.scenario import DAY_SECONDS, Scenario
from benchmarks.fleet.simulation import Simulation
from benchmarks.fleet.summary import Times, times_of
from benchmarks.fleet.world import World
from consoleproxy.management.fleet.assignment import Order
from consoleproxy.management.storage.database import Database

_PEAK = 9.5 * 3600.0
# Sessions of the last day that are over and in the table, beside those that are open.
HISTORY = 200_000
_CONTENTIONS = (
    *(Contention(1, 1, decides=False), Contention(2, 4, decides=False)),
    *(Contention(1, 1), Contention(1, 4), Contention(2, 4), Contention(4, 4)),
)
# Between two contentions, so that the links of the one are past in the next.
_PAUSE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the day in a database.

    Args:
        simulated_seconds: how much of the day passed.
        busy_seconds: how long the database was busy with it, one thing after the other.
    """

    database: str
    order: str
    simulated_seconds: float
    busy_seconds: float
    asks: Times
    uses: Times
    reports: Times


def whole_day(scenario: Scenario, order: Order) -> Measures:
    """Let a day pass in memory."""
    measures = Measures()
    world = World(scenario, _memory(scenario, order, measures), measures)
    Simulation(world)
    world.agenda.run(DAY_SECONDS)
    return measures


def busy_stretch(
    scenario: Scenario, order: Order, name: str, location: str, seconds: float
) -> Stretch:
    """Let the morning's peak pass in an empty database, for as many seconds of real time.

    Raises:
        Disagreement: it decided otherwise than the books in memory.
    """
    measures = Measures()
    memory = _memory(scenario, order, measures)
    simulated = Simulation(World(scenario, memory, measures))
    agenda = simulated.world.agenda
    agenda.run(_PEAK)
    while any(proxy.life is not Life.SERVING for proxy in simulated.world.proxies):
        agenda.run(agenda.now + scenario.load_interval)
    books = DatabaseBooks(scenario, location, order)
    try:
        books.run(lambda db: copy_into_database(simulated.world, memory, db, HISTORY))
        simulated.change_books(Lockstep(memory, books))
        deadline, began = time.monotonic() + seconds, agenda.now
        agenda.run(scenario.upgrade_from, lambda: time.monotonic() > deadline)
    finally:
        books.close()
    took = books.took
    return Stretch(
        name,
        order.value,
        agenda.now - began,
        sum(map(sum, (took.ask, took.use, took.report))) / 1e9,
        times_of(took.ask),
        times_of(took.use),
        times_of(took.report),
    )


async def contentions(scenario: Scenario, location: str, seconds: float) -> list[Found]:
    """Let management servers contend for a database that ``busy_stretch`` has filled."""
    found = []
    database = await Database.open(location)
    now = EPOCH + _PEAK + _PAUSE_SECONDS
    for contention in _CONTENTIONS:
        now += _PAUSE_SECONDS
        await database.run(lambda db, now=now: hear_of_all(db, now))  # type: ignore[misc]
        found.append(contend(scenario, location, contention, now, seconds))
    await database.close()
    return found


def _memory(scenario: Scenario, order: Order, measures: Measures) -> MemoryBooks:
    return MemoryBooks(
        scenario.proxies,
        scenario.room,
        scenario.link_seconds,
        order,
        measures.nanoseconds.append,
    )
