"""A small fleet's busy minutes on a real MariaDB, and management servers that contend for it."""

import asyncio

import pytest

from benchmarks.fleet import runs
from benchmarks.fleet.report import FleetRun, SimulatedDay
from benchmarks.fleet.runs import busy_stretch, contentions, whole_day
from benchmarks.fleet.scenario import Scenario
from benchmarks.machine import Machine
from consoleproxy.management.fleet.assignment import Order
from tests.integration.fixtures.mariadb import MariaDb, session_server

SMALL = Scenario(
    proxies=5, room=6, standby=4, machines=200, visits_per_machine=4.0, deaths=4, upgraded_at_once=1
)
MACHINE = Machine("2026-11-21", "a CPU", 1, 1.0, "6", "Debian", {})


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.mark.parametrize("order", Order)
def test_mariadb_decides_as_the_books_in_memory_do(
    mariadb: MariaDb, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "HISTORY", 100)
    location = mariadb.make_database()
    stretch = busy_stretch(SMALL, order, "MariaDB", location, seconds=2.0)
    assert stretch.asks.count > 0
    assert stretch.reports.count > stretch.uses.count
    run = FleetRun(MACHINE, SMALL, stretches=[stretch])
    run.days.append(SimulatedDay(SMALL, order.value, whole_day(SMALL, order)))
    run.contentions.extend(asyncio.run(contentions(SMALL, location, seconds=0.2)))
    assert [found.contention.servers for found in run.contentions] == [1, 2, 1, 1, 2, 4]
    assert all(found.per_second > 0 for found in run.contentions[:2])
    assert f"MariaDB, {order.value}:" in "\n".join(run.lines())
    assert f'"order": "{order.value}"' in run.to_json()
