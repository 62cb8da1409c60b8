from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.fleet.database_books import DatabaseBooks
from benchmarks.fleet.lockstep import Disagreement, Lockstep, copy_into_database
from benchmarks.fleet.measures import Measures
from benchmarks.fleet.memory_books import MemoryBooks
from benchmarks.fleet.scenario import Scenario
from benchmarks.fleet.simulation import Simulation
from benchmarks.fleet.world import World
from consoleproxy.management.fleet.assignment import Order

SMALL = Scenario(
    proxies=4,
    room=4,
    machines=30,
    visits_per_machine=4.0,
    deaths=0,
    load_interval=10.0,
    upgrade_from=9 * 3600 + 20,
    upgraded_at_once=1,
    drain_most=15.0,
    restart=15.0,
)


def at_nine(order: Order) -> tuple[Simulation, MemoryBooks]:
    books = MemoryBooks(SMALL.proxies, SMALL.room, SMALL.link_seconds, order, lambda _: None)
    simulated = Simulation(World(SMALL, books, Measures()))
    simulated.world.agenda.run(9 * 3600.0)
    return simulated, books


@pytest.fixture(params=Order)
def order(request: pytest.FixtureRequest) -> Order:
    return Order(request.param)


@pytest.fixture
def database(order: Order, tmp_path: Path) -> Iterator[DatabaseBooks]:
    books = DatabaseBooks(SMALL, str(tmp_path / "day.db"), order)
    yield books
    books.close()


def test_the_database_decides_as_the_books_in_memory_do(
    order: Order, database: DatabaseBooks
) -> None:
    simulated, memory = at_nine(order)
    world = simulated.world
    database.run(lambda db: copy_into_database(world, memory, db, history=10))
    simulated.change_books(Lockstep(memory, database))
    before = world.measures.asked
    # All proxies are upgraded meanwhile, one after the other.
    world.agenda.run(9 * 3600.0 + 300)
    assert world.measures.upgraded == 4
    asked = world.measures.asked - before
    assert asked > 0
    assert len(database.took.ask) == asked
    assert list(database.candidates()) == list(memory.candidates())
    assert len(database.took.report) >= 4 * 20


def test_another_decision_is_told(order: Order, database: DatabaseBooks) -> None:
    simulated, memory = at_nine(order)
    world = simulated.world
    database.run(lambda db: copy_into_database(world, memory, db, history=0))
    both = Lockstep(memory, database)
    now = world.agenda.now
    link = both.ask(2, now)
    assert link is not None
    assert both.use(link, now)
    assert not both.use(link, now)
    assert not both.use(replace(link, uuid="unknown"), now)
    for proxy in range(SMALL.proxies):
        memory.drain(proxy, now)
    with pytest.raises(Disagreement, match="not None"):
        both.ask(1, now)
