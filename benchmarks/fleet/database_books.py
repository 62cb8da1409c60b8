"""The management server's books in a real database: its issuer, its transactions, its SQL."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from benchmarks.fleet.books import Link, Report
from benchmarks.fleet.memory_books import proxy_name
from benchmarks.fleet.scenario import Scenario
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import root_admin
from consoleproxy.management.channel.documents import LoadReport, ProxyDescription
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.assignment import Candidate, Order
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest, Issuer
from consoleproxy.management.records.assignment import candidates, make_assignment_lock
from consoleproxy.management.records.proxies import register, set_maintenance, take_load
from consoleproxy.management.records.sessions import acquire
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Settings

# When the simulated day began, in seconds since 1970.
EPOCH = 1_800_000_000.0

_Result = TypeVar("_Result")


def machine_uuid(number: int) -> str:
    """Return a VM's uuid."""
    return f"00000000-0000-4000-8000-{number:012}"


def inventory(scenario: Scenario) -> Inventory:
    """Return the scenario's VMs."""
    return Inventory(
        VirtualMachine(uuid=machine_uuid(n), name=f"vm{n}", host="192.0.2.1", port=5900)
        for n in range(scenario.machines)
    )


def description(scenario: Scenario, number: int) -> ProxyDescription:
    """Return what a proxy says about itself."""
    return ProxyDescription(
        name=proxy_name(number),
        address="198.51.100.1",
        host="198.51.100.1",
        port=8080,
        tls=False,
        session_max=scenario.room,
        load_interval=scenario.load_interval,
    )


def make_issuer(
    scenario: Scenario, database: Database, order: Order, clock: Callable[[], float]
) -> Issuer:
    """Return the issuer of a management server."""
    return Issuer(
        inventory=inventory(scenario),
        database=database,
        codec=TokenCodec(EncryptionKeys(bytes(16), bytes(16)), None),
        hash_key="simulated",
        live=Live(Settings(assignment_order=order.value)),
        link_seconds=scenario.link_seconds,
        alarm=CapacityAlarm(),
        clock=clock,
    )


def console_request(machine: int) -> ConsoleRequest:
    """Return what a user asks for."""
    return ConsoleRequest(
        vm_uuid=machine_uuid(machine), caller=root_admin("admin"), source_address="203.0.113.7"
    )


@dataclass(frozen=True, slots=True)
class Took:
    """Nanoseconds of each thing that was done."""

    ask: list[int] = field(default_factory=list)
    use: list[int] = field(default_factory=list)
    report: list[int] = field(default_factory=list)


class DatabaseBooks:
    """Books in a database; close them.

    Args:
        location: ``consoleproxy.manage.database``.
    """

    def __init__(self, scenario: Scenario, location: str, order: Order) -> None:
        self.took = Took()
        self._scenario = scenario
        self._now = 0.0
        self._numbers = {proxy_name(number): number for number in range(scenario.proxies)}
        self._loop = asyncio.new_event_loop()
        self._database = self._wait(Database.open(location))
        self.run(make_assignment_lock)
        self._issuer = make_issuer(scenario, self._database, order, lambda: EPOCH + self._now)

    def close(self) -> None:
        """Close the database."""
        self._wait(self._database.close())
        self._loop.close()

    def run(self, work: Callable[[Connection], _Result]) -> _Result:
        """Return what a transaction returns."""
        return self._wait(self._database.run(work))

    def ask(self, machine: int, now: float) -> Link | None:
        self._now = now
        try:
            console = self._timed(self._issuer.issue(console_request(machine)), self.took.ask)
        except ManagementRequestRefused:
            return None
        endpoint = self._issuer.codec.decode(console.token)
        return Link(endpoint.session_uuid, machine, self._numbers[console.proxy.name], held=False)

    def use(self, link: Link, now: float) -> bool:
        proxy, vm_uuid = proxy_name(link.proxy), machine_uuid(link.machine)
        used = self._database.run(
            lambda db: acquire(db, link.uuid, vm_uuid, proxy, "203.0.113.7", EPOCH + now)
        )
        return self._timed(used, self.took.use)

    def report(self, report: Report, now: float) -> None:
        taken = LoadReport(
            proxy=proxy_name(report.proxy),
            connections=len(report.live),
            live=tuple(report.live),
            removed=tuple(report.removed),
        )
        work = self._database.run(lambda db: take_load(db, taken, EPOCH + now))
        self._timed(work, self.took.report)

    def register(self, proxies: Iterable[int], now: float) -> None:
        described = [description(self._scenario, number) for number in proxies]

        def work(db: Connection) -> None:
            for each in described:
                register(db, each, EPOCH + now)
                set_maintenance(db, each.name, None)

        self.run(work)

    def drain(self, proxy: int, now: float) -> None:
        self.run(lambda db: set_maintenance(db, proxy_name(proxy), EPOCH + now))

    def missed(self, proxy: int, now: float) -> None:
        """Nothing to do: the database's clock says it."""

    def candidates(self) -> Iterable[Candidate]:
        now, good = EPOCH + self._now, self._scenario.link_seconds
        return self.run(lambda db: candidates(db, now, good))

    def _timed(self, work: Awaitable[_Result], took: list[int]) -> _Result:
        began = time.perf_counter_ns()
        try:
            return self._wait(work)
        finally:
            took.append(time.perf_counter_ns() - began)

    def _wait(self, work: Awaitable[_Result]) -> _Result:
        return self._loop.run_until_complete(work)
