"""A management server that is killed while consoles are open, or are being asked for."""

import secrets
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
import requests
from cs import CloudStack, CloudStackException

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.fleet import SILENCE, Fleet, running_fleet
from tests.integration.fixtures.http_balancer import HttpBalancer
from tests.integration.fixtures.managed import Managed
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

_CALLERS = 8


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(6)]


@pytest.fixture
def fleet(tmp_path: Path, mariadb: MariaDb, machines: list[Machine]) -> Iterator[Fleet]:
    """Two CPVMs that speak to the first server, and one that speaks to the second."""
    with running_fleet(tmp_path, machines, mariadb.make_database()) as fleet:
        yield fleet


def test_consoles_go_on_without_their_management_server(
    fleet: Fleet, guest: Qemu, machines: list[Machine]
) -> None:
    with ExitStack() as stack:
        consoles = [fleet.open(stack, machine, 1) for machine in machines[:3]]
        assert {one.proxy for one in consoles} == set(fleet.proxies)
        fleet.wait_for_counts(consoles)
        fleet.servers[0].kill()
        types(guest, *(one.viewer for one in consoles))
        for name in ("v-1-VM", "v-3-VM"):
            wait_for(
                lambda name=name: fleet.state(name, 1) == "Disconnected",  # type: ignore[misc]
                "the silence",
                SILENCE + 2,
            )
        # Those that the other server hears go on getting consoles.
        consoles.append(fleet.open(stack, machines[3], 1))
        assert consoles[-1].proxy == "v-2-VM"
        types(guest, *(one.viewer for one in consoles))
        consoles[0].viewer.close()

        fleet.servers[0].start_anew()
        fleet.servers[0].wait_until_ready()
        for name in fleet.proxies:
            wait_for(lambda name=name: fleet.state(name) == "Running", "it to be back", 10.0)  # type: ignore[misc]
        fleet.wait_for_counts(consoles[1:])
        types(guest, *(one.viewer for one in consoles[1:]))
        (row,) = fleet.sessions(virtualmachineid=consoles[0].machine.uuid)
        assert row["endreason"] in ("viewer-left", "proxy-disconnected")
    fleet.healthy()


def test_behind_a_balancer_the_other_one_takes_over(
    tmp_path: Path, mariadb: MariaDb, guest: Qemu, machines: list[Machine]
) -> None:
    with (
        running_fleet(tmp_path, machines, mariadb.make_database(), behind=_balanced) as fleet,
        ExitStack() as stack,
    ):
        url = fleet.url
        consoles = [fleet.open(stack, machine) for machine in machines[:3]]
        fleet.wait_for_counts(consoles)
        unused = fleet.link(machines[3])
        fleet.servers[0].kill()
        types(guest, *(one.viewer for one in consoles))
        given = fleet.servers[1].api
        api = CloudStack(f"{url}/client/api", key=given.key, secret=given.secret)
        answer = api.createConsoleEndpoint(virtualmachineid=machines[4].uuid)["consoleendpoint"]
        assert answer["success"], answer
        for number, link in ((3, unused), (4, str(answer["url"]))):
            with Viewer(link) as viewer:
                viewer.log_in()
                types(guest, viewer)
                viewer.close()
            with Viewer(link) as again:
                assert again.refused().code == 4409
            assert fleet.sessions(1, virtualmachineid=machines[number].uuid)[0]["acquired"]
        fleet.wait_for_counts(consoles, 1)
        for name in fleet.proxies:
            assert fleet.state(name, 1) == "Running", "it was heard all the time"
        fleet.servers[0].start_anew()
        fleet.servers[0].wait_until_ready()
        fleet.wait_for_counts(consoles)
        types(guest, *(one.viewer for one in consoles))
        fleet.healthy()


def _balanced(stack: ExitStack, servers: Sequence[Managed]) -> str:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cp-balancer-")))
    balancer = HttpBalancer(folder, [server.settings.manage_port for server in servers])
    stack.callback(balancer.stop)
    return balancer.url


def test_killed_while_eight_ask_for_consoles(
    tmp_path: Path, mariadb: MariaDb, guest: Qemu, machines: list[Machine]
) -> None:
    """The books have what callers were given, and at most what was on its way to them."""
    with (
        running_fleet(
            tmp_path, machines, mariadb.make_database(), behind=_balanced, session_max=500
        ) as fleet,
        ExitStack() as stack,
    ):
        given: list[str] = []
        failed: list[str] = []
        numbers = count()

        def ask() -> None:
            api = fleet.servers[0].api
            own = CloudStack(api.endpoint, key=api.key, secret=api.secret)
            while not failed:
                machine = machines[next(numbers) % len(machines)]
                try:
                    answer = own.createConsoleEndpoint(
                        virtualmachineid=machine.uuid, nonce=secrets.token_hex(8)
                    )
                except (requests.RequestException, CloudStackException) as error:
                    failed.append(repr(error))
                    return
                given.append(answer["consoleendpoint"]["url"])

        with ThreadPoolExecutor(_CALLERS) as pool:
            asking = [pool.submit(ask) for _ in range(_CALLERS)]
            wait_for(lambda: len(given) >= 4 * _CALLERS, "some consoles to be given")
            fleet.servers[0].kill()
            for one in asking:
                one.result()
        assert 1 <= len(failed) <= _CALLERS
        books = fleet.sessions(1)
        assert len(given) <= len(books) <= len(given) + _CALLERS
        assert max(Counter(row["id"] for row in books).values()) == 1
        assert len(set(given)) == len(given)
        # No lock is left.
        consoles = [fleet.open(stack, machine, 1) for machine in machines]
        types(guest, *(one.viewer for one in consoles))
        # Each machine has links that nobody has used, beside its console.
        fleet.wait_for_counts(consoles, 1, links=len(machines))
        fleet.servers[0].start_anew()
        fleet.servers[0].wait_until_ready()
        fleet.wait_for_counts(consoles, links=len(machines))
        fleet.healthy()
