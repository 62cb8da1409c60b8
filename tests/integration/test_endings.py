"""How sessions end: on an operator's order within a second, and each with its reason."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import opened, running_served, types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

_ENDED = (4410, errors.SessionEndedByOperator.sentence)


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(3)]


def session_of(api: Any, machine: Machine) -> dict[str, Any]:
    """The newest session of a machine in the books."""
    found: list[dict[str, Any]] = api.listConsoleSessions(virtualmachineid=machine.uuid)[
        "consolesession"
    ]
    return found[0]


def end(api: Any, machine: Machine) -> float:
    """Order the end of a machine's session, and return when the order was taken."""
    answer = api.endConsoleSession(id=session_of(api, machine)["id"])
    assert answer["success"] is True
    return time.monotonic()


def reason(api: Any, machine: Machine) -> str:
    return wait_for(
        lambda: str(session_of(api, machine).get("endreason", "")), "the end in the books"
    )


def test_an_operator_ends_a_session_of_any_worker_within_a_second(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    # Its own reports would come too late.
    with (
        running_served(tmp_path, machines, loadscan_interval=60_000) as served,
        opened(served, machines) as viewers,
    ):
        first, second, third = viewers
        assert served.carrier(first.sock) != served.carrier(second.sock)
        took = []
        for machine, viewer in zip(machines, (first, second), strict=False):
            ordered = end(served.api, machine)
            assert viewer.closed() == _ENDED
            took.append(time.monotonic() - ordered)
            assert reason(served.api, machine) == "operator"
        # A busy machine may stand still for a while, but not each time.
        assert min(took) < 1.0
        types(guest, third)
        assert served.open_in_books() == 1
        wait_for(lambda: served.reported() == 1, "one session in the report")


def test_neither_the_link_nor_the_session_comes_back(
    tmp_path: Path, machines: list[Machine]
) -> None:
    machine, other, unused = machines
    with running_cloud(tmp_path, machines) as cloud:
        url = cloud.console(machine)
        with Viewer(url, says="&resume=1") as viewer:
            viewer.log_in()
            end(cloud.api, machine)
            assert viewer.closed() == _ENDED
        with Viewer(url) as back:
            assert back.refused().reason == errors.SessionUsed.sentence
        # One whose connection was cut, and that could have come back.
        cut = cloud.console(other)
        with Viewer(cut) as viewer:
            viewer.log_in()
        assert reason(cloud.api, other) == "viewer-lost"
        end(cloud.api, other)
        with Viewer(cut) as back:
            assert back.refused().reason == errors.AuthenticationRefused.sentence
        late = cloud.console(unused)
        end(cloud.api, unused)
        with Viewer(late) as never:
            assert never.refused().reason == errors.AuthenticationRefused.sentence
        assert cloud.api.listConsoleSessions(endreason="operator")["count"] == 3
        assert cloud.api.listConsoleSessions(activeonly="true") == {}


def test_reasons_are_in_the_books(
    tmp_path: Path, guest: Qemu, machines: list[Machine], qemu_factory: Callable[..., Qemu]
) -> None:
    machine = machines[0]
    elsewhere = Machine("vm-9", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine, elsewhere]) as cloud:
        with Viewer(cloud.console(machine)) as viewer:
            viewer.log_in()
            viewer.close()
        assert reason(cloud.api, machine) == "viewer-left"
        with Viewer(cloud.console(machine)) as viewer:
            viewer.log_in()
            replaced = session_of(cloud.api, machine)["id"]
            with Viewer(cloud.console(machine)) as newer:
                newer.log_in()
                viewer.closed()

                def first() -> str:
                    found = cloud.api.listConsoleSessions(id=replaced)["consolesession"]
                    return str(found[0].get("endreason", ""))

                assert wait_for(first, "the end in the books") == "replaced"
                newer.close()
        with Viewer(cloud.console(machine)) as viewer:
            viewer.log_in()
            guest.stop()
            assert viewer.closed()[0] == 1012
        assert reason(cloud.api, machine) == "guest-lost"
        with Viewer(cloud.console(machine)) as viewer:
            viewer.refused()
        assert reason(cloud.api, machine) == "guest-unreachable"
        with Viewer(cloud.console(elsewhere)) as viewer:
            viewer.log_in()
            cloud.api.updateConfiguration(name="consoleproxy.session.timeout", value="1000")
            assert viewer.closed()[0] == 4408
        assert reason(cloud.api, elsewhere) == "idle"


def test_a_proxy_that_stops_is_a_reason(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:1]) as viewers:
        served.process.terminate()
        assert viewers[0].closed()[0] == 1001
        assert reason(served.api, machines[0]) == "proxy-stopped"
        served.process.wait(20)
