"""Books in memory and in a database, told and asked the same: the two must agree."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection, insert

from benchmarks.fleet.books import Link, Report
from benchmarks.fleet.database_books import EPOCH, DatabaseBooks, description, machine_uuid
from benchmarks.fleet.memory_books import MemoryBooks, proxy_name
from benchmarks.fleet.world import World
from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.records.proxies import register
from consoleproxy.management.storage.schema import console_proxy, console_session

_ROWS_AT_ONCE = 5_000
_HISTORY_SECONDS = 86_400.0


class Disagreement(AssertionError):
    """The database decided otherwise than the simulation's books in memory."""


class Lockstep:
    """Both books; what the database does is what is measured."""

    def __init__(self, memory: MemoryBooks, database: DatabaseBooks) -> None:
        self._memory = memory
        self._database = database
        self._stored: dict[str, str] = {}

    def ask(self, machine: int, now: float) -> Link | None:
        expected, found = self._memory.ask(machine, now), self._database.ask(machine, now)
        if expected is None or found is None:
            if expected is not found:
                raise Disagreement(f"VM {machine} at {now}: {found}, not {expected}")
            return None
        if expected.proxy != found.proxy:
            raise Disagreement(f"VM {machine} at {now}: {found}, not {expected}")
        self._stored[expected.uuid] = found.uuid
        return expected

    def use(self, link: Link, now: float) -> bool:
        expected = self._memory.use(link, now)
        found = self._database.use(replace(link, uuid=self._uuid(link.uuid)), now)
        if expected is not found:
            raise Disagreement(f"{link} at {now}: allowed is {found}, not {expected}")
        return found

    def report(self, report: Report, now: float) -> None:
        self._memory.report(report, now)
        stored = Report(
            report.proxy, [*map(self._uuid, report.live)], [*map(self._uuid, report.removed)]
        )
        self._database.report(stored, now)

    def register(self, proxies: Iterable[int], now: float) -> None:
        started = list(proxies)
        self._memory.register(started, now)
        self._database.register(started, now)

    def drain(self, proxy: int, now: float) -> None:
        self._memory.drain(proxy, now)
        self._database.drain(proxy, now)

    def missed(self, proxy: int, now: float) -> None:
        self._memory.missed(proxy, now)

    def candidates(self) -> Iterable[Candidate]:
        return self._memory.candidates()

    def _uuid(self, uuid: str) -> str:
        return self._stored.get(uuid, uuid)


def copy_into_database(world: World, memory: MemoryBooks, db: Connection, history: int) -> None:
    """Write the books in memory into an empty database.

    Args:
        history: as many sessions of the last day, all over, are there beside them.
    """
    now, scenario = world.agenda.now, world.scenario
    for proxy in world.proxies:
        heard = EPOCH + proxy.last_heard(now, scenario.load_interval)
        register(db, description(scenario, proxy.number), heard)
        reported = {"active_session": memory.reported(proxy.number)}
        itself = console_proxy.c.name == proxy_name(proxy.number)
        db.execute(console_proxy.update().where(itself).values(reported))
    rows = list(_past(world, history))
    rows += [
        _row(
            row.link,
            EPOCH + row.created,
            None if row.acquired is None else EPOCH + row.acquired,
            None,
        )
        for row in memory.rows()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        db.execute(insert(console_session), rows[start : start + _ROWS_AT_ONCE])


def _past(world: World, history: int) -> Iterator[dict[str, object]]:
    begin = EPOCH + world.agenda.now - _HISTORY_SECONDS
    for number in range(history):
        machine, proxy = number % world.scenario.machines, number % world.scenario.proxies
        created = begin + number * (_HISTORY_SECONDS - 3600) / history
        link = Link(f"past{number}", machine, proxy, held=False)
        yield _row(link, created, created + 2, created + 1800)


def _row(
    link: Link, created: float, acquired: float | None, removed: float | None
) -> dict[str, object]:
    return {
        "uuid": link.uuid,
        "created": created,
        "account": "admin",
        "vm_uuid": machine_uuid(link.machine),
        "proxy": proxy_name(link.proxy),
        "console_endpoint_creator_address": "203.0.113.7",
        "client_address": None if acquired is None else "203.0.113.7",
        "acquired": acquired,
        "removed": removed,
    }
