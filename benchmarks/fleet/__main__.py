"""Simulates a fleet's day with the code that assigns consoles; see ``--help``."""

import argparse
import asyncio
import datetime
import importlib.util
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks import progress
from benchmarks.fleet import mariadb
from benchmarks.fleet.report import FOLDER, FleetRun, SimulatedDay
from benchmarks.fleet.runs import busy_stretch, contentions, whole_day
from benchmarks.fleet.scenario import Scenario
from benchmarks.machine import this_machine
from consoleproxy.management.fleet.assignment import Order

_QUICK_PART = 20
# The fleet that is too small for the day: its share of the other's proxies.
_SMALL = 0.6


def main() -> int:
    """Run what was asked for."""
    arguments = _arguments()
    scenario = Scenario(seed=arguments.seed)
    if arguments.quick:
        scenario = replace(
            scenario,
            proxies=scenario.proxies // _QUICK_PART,
            machines=scenario.machines // _QUICK_PART,
            standby=scenario.standby // _QUICK_PART,
            deaths=scenario.deaths // _QUICK_PART,
            upgraded_at_once=scenario.upgraded_at_once // _QUICK_PART,
        )
    run = FleetRun(this_machine(datetime.datetime.now(datetime.UTC)), scenario)
    small = replace(scenario, proxies=round(scenario.proxies * _SMALL))
    days = [(scenario, order) for order in Order]
    for fleet, order in (*days, (small, Order.EMPTIEST)):
        progress.progress(f"a day of {fleet.proxies} proxies, {order.value}")
        run.days.append(SimulatedDay(fleet, order.value, whole_day(fleet, order)))
    if arguments.seconds:
        _databases(run, arguments.seconds)
    progress.clear()
    print("\n".join(run.lines()))
    name = "fleet-part" if arguments.quick or not arguments.seconds else "fleet"
    (FOLDER / f"{name}.json").write_text(run.to_json(), encoding="utf-8")
    if importlib.util.find_spec("matplotlib") is not None:
        from benchmarks.fleet.picture import draw

        draw(run.days, FOLDER / f"{name}.svg")
    print(f"\nwritten to {FOLDER}: {name}.*")
    return 0


def _databases(run: FleetRun, seconds: float) -> None:
    scenario = run.scenario
    with tempfile.TemporaryDirectory(prefix="bench-fleet-") as folder:
        progress.progress("SQLite")
        location = str(Path(folder, "fleet.db"))
        run.stretches.append(busy_stretch(scenario, Order.EMPTIEST, "SQLite", location, seconds))
    if missing := mariadb.missing():
        progress.lasting(f"without MariaDB: {missing}")
        return
    with mariadb.MariaDb() as server:
        for order in Order:
            progress.progress(f"MariaDB, {order.value}")
            location = server.make_database(order.value)
            run.stretches.append(busy_stretch(scenario, order, "MariaDB", location, seconds))
        progress.progress("MariaDB, several management servers")
        run.contentions.extend(asyncio.run(contentions(scenario, location, seconds / 5)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--quick", action="store_true", help=f"a fleet and a day of 1/{_QUICK_PART} the size"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=30.0,
        help="of real time for each database; 0: in memory only",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
