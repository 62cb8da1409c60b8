"""What must be true of any simulated day."""

from dataclasses import asdict
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fleet.measures import Measures, Move
from benchmarks.fleet.memory_books import MemoryBooks
from benchmarks.fleet.proxies import Life
from benchmarks.fleet.scenario import DAY_SECONDS, Scenario
from benchmarks.fleet.simulation import Simulation
from benchmarks.fleet.summary import Day, day_of
from benchmarks.fleet.world import World
from consoleproxy.management.fleet.assignment import Order

SMALL = Scenario(
    proxies=6, room=5, standby=4, machines=60, visits_per_machine=4.0, deaths=4, upgraded_at_once=2
)
ORDERS = pytest.mark.parametrize("order", Order)


def simulation(scenario: Scenario, order: Order) -> Simulation:
    measures = Measures()
    books = MemoryBooks(
        scenario.proxies,
        scenario.room,
        scenario.link_seconds,
        order,
        measures.nanoseconds.append,
    )
    return Simulation(World(scenario, books, measures))


def passed(scenario: Scenario, order: Order) -> World:
    """A day that has passed, looked at after everything that happened."""
    simulated = simulation(scenario, order)
    world = simulated.world

    def looked_at() -> bool:
        for proxy in world.proxies:
            assert len(proxy.sessions) <= scenario.room
            assert len(proxy.of_machine) == len(proxy.sessions)
            assert proxy.life is not Life.GONE or not proxy.sessions
        return False

    world.agenda.run(DAY_SECONDS, looked_at)
    return world


def figures(world: World) -> dict[str, Any]:
    return asdict(day_of(world.measures)) | {"decisions": None, "samples": world.measures.samples}


def assert_accounted_for(world: World) -> Day:
    """Every console asked for was refused or given; every session that began is over or open."""
    measures, day = world.measures, day_of(world.measures)
    assert measures.asked == measures.given + measures.refused
    assert day.open_at_end == sum(len(proxy.sessions) for proxy in world.proxies)
    assert measures.began + measures.unused + measures.to_dead <= measures.given
    assert measures.not_allowed == 0
    assert len(measures.nanoseconds) == measures.asked
    return day


@ORDERS
def test_a_seed_gives_one_day(order: Order) -> None:
    assert figures(passed(SMALL, order)) == figures(passed(SMALL, order))


@settings(max_examples=10, deadline=None)
@given(
    st.builds(
        partial(Scenario, visits_per_machine=3.0, upgraded_at_once=1),
        seed=st.integers(0, 99),
        proxies=st.integers(1, 5),
        room=st.integers(1, 6),
        machines=st.integers(1, 40),
        deaths=st.integers(0, 5),
    ),
    st.sampled_from(Order),
)
def test_no_day_loses_a_session(scenario: Scenario, order: Order) -> None:
    assert_accounted_for(passed(scenario, order))


@ORDERS
def test_a_fleet_with_room_refuses_nobody(order: Order) -> None:
    world = passed(Scenario(**asdict(SMALL) | {"room": 60, "deaths": 0}), order)
    day = assert_accounted_for(world)
    assert (day.refused, day.given_up, day.to_dead, day.cut_most) == (0, 0, 0, 0)
    assert day.upgraded == SMALL.proxies


@ORDERS
def test_a_fleet_that_is_too_small_refuses_and_asks_for_more(order: Order) -> None:
    world = passed(Scenario(**asdict(SMALL) | {"proxies": 1, "room": 3}), order)
    day = assert_accounted_for(world)
    assert day.refused > 0
    assert day.given_up > 0
    assert day.wanted_most > 1
    assert day.peak_sessions == 3


def test_emptiest_spreads_and_fullest_leaves_empty() -> None:
    days = {
        order: day_of(passed(Scenario(**asdict(SMALL) | {"room": 60}), order).measures)
        for order in Order
    }
    spread, wide = days[Order.EMPTIEST].spread, days[Order.FULLEST].spread
    assert spread is not None
    assert wide is not None
    assert spread < wide
    assert days[Order.EMPTIEST].empty_least < days[Order.FULLEST].empty_most
    assert days[Order.EMPTIEST].cut_most <= days[Order.FULLEST].cut_most


@ORDERS
def test_a_quiet_fleet_moves_no_machine_but_in_turn(order: Order) -> None:
    calm = Scenario(**asdict(SMALL) | {"deaths": 0, "upgraded_at_once": 0, "room": 60})
    day = assert_accounted_for(passed(calm, order))
    assert Move.GONE.value not in day.moves
    assert (day.upgraded, day.drained_out) == (0, 0)
