"""MariaDB that is killed, or stands still, while consoles are open."""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from cs import CloudStackApiException
from sqlalchemy import Connection, text

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.records.assignment import lock_assignment
from consoleproxy.management.storage.store import Store
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.fleet import INTERVAL, Console, Fleet, running_fleet
from tests.integration.fixtures.mariadb import MariaDb
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import types
from tests.waiting import wait_for

_TEXT = "database cannot be used at the moment"
# A load report that failed is repeated after an interval at most.
_BACK_SECONDS = 15.0


@pytest.fixture
def mariadb() -> Iterator[MariaDb]:
    """A server of these tests' own, as they kill it."""
    server = MariaDb(durable=True)
    yield server
    server.remove()


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(6)]


@pytest.fixture
def fleet(tmp_path: Path, mariadb: MariaDb, machines: list[Machine]) -> Iterator[Fleet]:
    with running_fleet(tmp_path, machines, mariadb.make_database(), proxies=2) as fleet:
        yield fleet


def refused(fleet: Fleet, server: int, machine: Machine) -> float:
    """See a console refused for want of the database; return after how many seconds."""
    began = time.monotonic()
    with pytest.raises(CloudStackApiException) as caught:
        fleet.ask(server, "createConsoleEndpoint", virtualmachineid=machine.uuid)
    assert caught.value.error["errorcode"] == 530
    assert _TEXT in caught.value.error["errortext"]
    return time.monotonic() - began


def probe(fleet: Fleet, server: int, path: str) -> tuple[int, str, float]:
    """Return status, text and seconds of a probe."""
    began = time.monotonic()
    answer = requests.get(fleet.servers[server].url + path, timeout=30)
    return answer.status_code, answer.text.strip(), time.monotonic() - began


def busy(fleet: Fleet) -> float:
    """Return the seconds of processor time that the management servers have had."""
    total = 0
    for server in fleet.servers:
        stat = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[11:13]
        total += int(user) + int(system)
    return total / os.sysconf("SC_CLK_TCK")


def wait_until_back(fleet: Fleet) -> None:
    """Wait until the database is used again, and every CPVM was heard."""
    for server in range(len(fleet.servers)):
        wait_for(lambda n=server: probe(fleet, n, "/readyz")[0] == 200, "readiness", _BACK_SECONDS)  # type: ignore[misc]
        for name in fleet.proxies:
            wait_for(
                lambda n=server, name=name: fleet.state(name, n) == "Running",  # type: ignore[misc]
                "the proxy to be heard",
                _BACK_SECONDS,
            )


def test_consoles_go_on_without_the_database_and_nothing_is_forgotten(
    fleet: Fleet, mariadb: MariaDb, guest: Qemu, machines: list[Machine]
) -> None:
    with ExitStack() as stack:
        consoles = [fleet.open(stack, machine, n % 2) for n, machine in enumerate(machines[:4])]
        fleet.wait_for_counts(consoles)
        left = consoles.pop()
        maintained = consoles[0].proxy
        fleet.ask(0, "prepareHostForMaintenance", id=maintained)
        ended = consoles.pop()
        row = fleet.sessions(virtualmachineid=ended.machine.uuid)[0]
        fleet.ask(1, "endConsoleSession", id=row["id"])
        mariadb.kill()
        try:
            _see_the_outage(fleet, guest, machines, consoles)
            left.viewer.close()
        finally:
            mariadb.start()
        wait_until_back(fleet)
        assert ended.viewer.closed()[0] == 4410
        fleet.wait_for_counts(consoles)
        types(guest, *(one.viewer for one in consoles))
        (row,) = fleet.sessions(virtualmachineid=left.machine.uuid)
        assert row["endreason"] == "viewer-left"
        (row,) = fleet.sessions(virtualmachineid=ended.machine.uuid)
        assert row["endreason"] == "operator"
        # Orders and news go their way again, from either server.
        assert fleet.proxies[maintained].metric("maintenance") == 1
        fleet.ask(1, "cancelHostMaintenance", id=maintained)
        began = time.monotonic()
        wait_for(lambda: fleet.proxies[maintained].metric("maintenance") == 0, "the news")
        assert time.monotonic() - began < 5.0
        consoles += [fleet.open(stack, machine, n) for n, machine in enumerate(machines[4:])]
        fleet.wait_for_counts(consoles)
    fleet.healthy()


def _see_the_outage(
    fleet: Fleet, guest: Qemu, machines: list[Machine], consoles: list[Console]
) -> None:
    spent, since = busy(fleet), time.monotonic()
    for server in range(2):
        assert refused(fleet, server, machines[5]) < 5.0
        assert probe(fleet, server, "/healthz")[:2] == (200, "ok")
        assert probe(fleet, server, "/readyz")[:2] == (503, "the database does not answer")
    types(guest, *(one.viewer for one in consoles))
    # Longer than a proxy may be silent.
    wait_for(lambda: time.monotonic() - since > 4 * INTERVAL, "the outage to last")
    types(guest, *(one.viewer for one in consoles))
    assert (busy(fleet) - spent) / (time.monotonic() - since) < 0.8, "of a core, both together"


def test_a_management_server_that_stands_still_keeps_no_lock(
    fleet: Fleet, machines: list[Machine]
) -> None:
    """As one does whose machine lost its power: nothing tells MariaDB that it is gone."""
    locked, done = threading.Event(), threading.Event()

    def stand_still(db: Connection) -> None:
        lock_assignment(db)
        locked.set()
        done.wait()
        db.execute(text("SELECT 1"))

    store = Store(fleet.servers[0].settings.manage_database)
    with ThreadPoolExecutor(1) as pool:
        standing = pool.submit(store.run, stand_still)
        try:
            assert locked.wait(10)
            assert fleet.link(machines[0], 0)
        finally:
            done.set()
        with pytest.raises(ManagementRequestRefused):
            standing.result()
    store.close()
    fleet.healthy()


def test_a_database_that_stands_still_blocks_nobody_for_long(
    fleet: Fleet, mariadb: MariaDb, guest: Qemu, machines: list[Machine]
) -> None:
    with ExitStack() as stack:
        consoles = [fleet.open(stack, machine, n % 2) for n, machine in enumerate(machines[:4])]
        fleet.wait_for_counts(consoles)
        with mariadb.frozen(), ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(refused, fleet, n % 2, machines[5]) for n in range(16)]
            for server in range(2):
                status, text, seconds = probe(fleet, server, "/healthz")
                assert (status, text) == (200, "ok")
                assert seconds < 2.0, "the event loop goes on"
            types(guest, *(one.viewer for one in consoles))
            ready = [pool.submit(probe, fleet, n, "/readyz") for n in range(2)]
            times = [one.result() for one in asked]
            assert [one.result()[0] for one in ready] == [503, 503]
            assert max(times) < 10.0, "cs gives up after ten seconds"
            types(guest, *(one.viewer for one in consoles))
        wait_until_back(fleet)
        fleet.wait_for_counts(consoles)
        types(guest, *(one.viewer for one in consoles))
        consoles.append(fleet.open(stack, machines[5], 1))
        fleet.wait_for_counts(consoles)
    fleet.healthy()
