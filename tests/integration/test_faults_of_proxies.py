"""A console proxy that dies among others: what is true of its sessions, and of theirs."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.fleet import SILENCE, Fleet, lost, running_fleet
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture
def guests(qemu_factory: Callable[..., Qemu]) -> list[Qemu]:
    return [qemu_factory() for _ in range(2)]


@pytest.fixture
def machines(guests: list[Qemu]) -> list[Machine]:
    """Machines of different names; every other one has the same screen."""
    return [
        Machine(f"vm-{number}", str(uuid.uuid4()), guests[number % 2].port) for number in range(6)
    ]


@pytest.fixture
def fleet(tmp_path: Path, mariadb: MariaDb, machines: list[Machine]) -> Iterator[Fleet]:
    with running_fleet(tmp_path, machines, mariadb.make_database()) as fleet:
        yield fleet


def test_sessions_of_a_killed_proxy_are_over_and_open_elsewhere(
    fleet: Fleet, guests: list[Qemu], machines: list[Machine]
) -> None:
    with ExitStack() as stack:
        consoles = [fleet.open(stack, machine, n % 2) for n, machine in enumerate(machines)]
        fleet.wait_for_counts(consoles)
        dead = "v-1-VM"
        gone = [one for one in consoles if one.proxy == dead]
        others = [one for one in consoles if one.proxy != dead]
        assert len(gone) == 2, "two at each"

        fleet.proxies[dead].kill()
        killed = time.monotonic()
        assert all(lost(one) for one in gone)
        for server in range(2):
            left = killed + SILENCE - time.monotonic()
            wait_for(lambda n=server: fleet.state(dead, n) == "Disconnected", "the silence", left)  # type: ignore[misc]
        fleet.wait_for_counts(others)
        over = fleet.sessions(endreason="proxy-disconnected")
        assert {row["virtualmachineid"] for row in over} == {one.machine.uuid for one in gone}
        for one in others:
            types(guests[machines.index(one.machine) % 2], one.viewer)

        moved = [fleet.open(stack, one.machine) for one in gone]
        assert {one.proxy for one in moved} == {"v-2-VM", "v-3-VM"}
        for one in moved:
            types(guests[machines.index(one.machine) % 2], one.viewer)
        fleet.wait_for_counts([*others, *moved])

        fleet.proxies[dead].start_anew()
        for server in range(2):
            wait_for(lambda n=server: fleet.state(dead, n) == "Running", "it to be back", 30.0)  # type: ignore[misc]
        fleet.wait_for_counts([*others, *moved])
        assert fleet.sessions(endreason="proxy-restarted") == []
        # Their machines are open elsewhere by now.
        for one in gone:
            with Viewer(one.url) as late:
                assert late.refused().code == 4401
        moved[0].viewer.close()
        fleet.wait_for_counts([*others, moved[1]])
        fresh = fleet.open(stack, moved[0].machine)
        assert fresh.proxy == dead
        fleet.wait_for_counts([*others, moved[1], fresh])
        for one in [*others, moved[1], fresh]:
            types(guests[machines.index(one.machine) % 2], one.viewer)
    fleet.healthy()


def test_viewers_of_a_proxy_that_died_come_back_when_it_is_started_again(
    fleet: Fleet, guests: list[Qemu], machines: list[Machine]
) -> None:
    with ExitStack() as stack:
        consoles = [fleet.open(stack, machine) for machine in machines[:3]]
        fleet.wait_for_counts(consoles)
        (gone,) = [one for one in consoles if one.proxy == "v-1-VM"]
        others = [one for one in consoles if one is not gone]
        fleet.proxies[gone.proxy].kill()
        assert lost(gone)
        fleet.proxies[gone.proxy].start_anew()
        fleet.wait_until_ready(gone.proxy)
        with Viewer(gone.url) as viewer:
            viewer.log_in()
            types(guests[machines.index(gone.machine) % 2], viewer)
            fleet.wait_for_counts([*others, gone])
            # One at a time.
            with Viewer(gone.url) as second:
                assert second.refused().code == 4409
            types(guests[machines.index(gone.machine) % 2], viewer)
        assert len(fleet.sessions()) == 3
    fleet.healthy()
