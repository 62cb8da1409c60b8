"""Power that fails for all at once: proxies, management servers, and MariaDB."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.fleet import Fleet, lost, running_fleet
from tests.integration.fixtures.managed import Managed
from tests.integration.fixtures.mariadb import MariaDb
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for


@pytest.fixture
def mariadb() -> Iterator[MariaDb]:
    """A server of this test's own, as it kills it."""
    server = MariaDb(durable=True)
    yield server
    server.remove()


def _start_as_systemd_does(server: Managed, came_up: Callable[[], None]) -> None:
    """Start a management server whose database is not there; bring that; start it again."""
    server.start_anew()
    try:
        assert server.process.wait(30) != 0
        assert "see that the server runs" in server.log()
    except subprocess.TimeoutExpired:
        pytest.fail("it neither ended nor served")
    came_up()
    server.start_anew()


@pytest.mark.parametrize("order", ["proxies first", "database first"])
def test_nothing_is_stale_after_a_power_loss(
    order: str, tmp_path: Path, mariadb: MariaDb, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory()
    machines = [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(4)]
    with (
        running_fleet(tmp_path, machines, mariadb.make_database(), proxies=2) as fleet,
        ExitStack() as stack,
    ):
        consoles = [fleet.open(stack, machine, n % 2) for n, machine in enumerate(machines)]
        unused = fleet.link(machines[0])
        for server in fleet.servers:
            server.process.kill()
        mariadb.kill()
        for proxy in fleet.proxies.values():
            proxy.kill()
        for server in fleet.servers:
            server.process.wait()
        assert all(lost(one) for one in consoles)
        _start(fleet, mariadb, order, unused)
        fleet.wait_for_counts([], links=1)
        assert {row["endreason"] for row in fleet.sessions() if "acquired" in row} <= {
            "proxy-restarted",
            "proxy-disconnected",
        }
        # Who was cut comes back, and a link that nobody has used is good.
        for one in consoles[1:]:
            one.viewer = stack.enter_context(Viewer(one.url))
            one.viewer.log_in()
            types(guest, one.viewer)
        consoles[0].viewer = stack.enter_context(Viewer(unused))
        consoles[0].viewer.log_in()
        fleet.wait_for_counts(consoles)
        assert len(fleet.sessions()) == 5
        fleet.healthy()


def _start(fleet: Fleet, mariadb: MariaDb, order: str, link: str) -> None:
    if order == "proxies first":
        for proxy in fleet.proxies.values():
            proxy.start_anew()
        wait_for(lambda: _says_try_again(link), "the proxy to listen", 30.0)
        _start_as_systemd_does(fleet.servers[0], mariadb.start)
        fleet.servers[1].start_anew()
    else:
        mariadb.start()
        for server in fleet.servers:
            server.start_anew()
    for server in fleet.servers:
        server.wait_until_ready()
    if order != "proxies first":
        for proxy in fleet.proxies.values():
            proxy.start_anew()
    for name in fleet.proxies:
        fleet.wait_until_ready(name)


def _says_try_again(link: str) -> bool:
    """Whether a proxy that nobody has told the keys refuses a link for now, not for good."""
    try:
        with Viewer(link) as viewer:
            refusal = viewer.refused()
    except ConnectionRefusedError:
        return False
    assert (refusal.code, "Try again" in refusal.reason) == (4401, True), refusal
    return True
