"""Several workers behind one port: one registry, and one report of what each console does."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.processes import descriptors
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, opened, running_served, types
from tests.integration.fixtures.viewer import Entry, Viewer
from tests.waiting import wait_for

_SCREEN_BYTES = 720 * 400 * 4
_COMMON_BYTES = 640 * 400 * 4


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same: consoles need not share one."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(4)]


def test_sessions_are_spread_and_counted_once(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines) as viewers:
        carriers = [served.carrier(viewer.sock) for viewer in viewers]
        assert {carriers.count(worker) for worker in served.workers()} == {2}
        assert {row["vm"] for row in served.sessions()} == {one.uuid for one in machines}
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        assert served.open_in_books() == 4
        assert served.metric("sessions") == 4
        types(guest, *viewers)
        for viewer in viewers:
            viewer.close()
        wait_for(lambda: served.reported() == 0, "no session in the report")
        assert served.open_in_books() == 0
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def test_a_token_is_good_once_at_whichever_worker(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served:
        url = served.console(machines[0])
        with Viewer(url) as first:
            first.log_in()
            with Viewer(url) as second:
                assert served.carrier(first.sock) != served.carrier(second.sock)
                assert second.refused().reason == errors.SessionUsed.sentence
            assert served.metric("sessions") == 1


def test_a_second_viewer_takes_over_from_another_worker(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    twice = [machines[0], machines[0]]
    with running_served(tmp_path, machines) as served, opened(served, twice) as viewers:
        first, second = viewers
        assert served.carrier(first.sock) != served.carrier(second.sock)
        assert first.closed() == (4409, errors.SessionReplaced.sentence)
        types(guest, second)
        wait_for(lambda: served.metric("sessions") == 1, "the first session to be gone")
        wait_for(lambda: served.reported() == 1, "one session in the report")


def test_there_is_room_for_so_many_on_all_workers(tmp_path: Path, machines: list[Machine]) -> None:
    with (
        running_served(tmp_path, machines, session_max=2, session_policy="share") as served,
        opened(served, machines[:2]) as viewers,
    ):
        # The cloud gives links to a proxy that is full for machines that it has.
        late = served.console(machines[0])
        with Viewer(late) as third:
            assert third.refused().reason == errors.ProxyFull.sentence
        for _ in served.workers():
            assert served.readiness().startswith("503 full")
        viewers[0].close()
        wait_for(lambda: served.metric("sessions") == 1, "a session to end")
        assert served.readiness() == "200 ready"
        with Viewer(late) as third:
            third.log_in()


def test_a_draining_proxy_takes_nobody_at_either_worker(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:2]) as viewers:
        assert served.readiness() == "200 ready"
        late = [served.console(machine) for machine in machines[2:]]
        served.drain()
        with Viewer(late[0]) as one, Viewer(late[1]) as other:
            assert served.carrier(one.sock) != served.carrier(other.sock)
            assert one.refused().code == other.refused().code == 1001
        for _ in served.workers():
            assert served.readiness() == "503 draining"
        types(guest, *viewers)


def test_one_report_says_what_each_console_has_done(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines) as viewers:
        quiet, busy = viewers[:2]
        assert served.carrier(quiet.sock) != served.carrier(busy.sock)
        wait_for(lambda: _last_used(served, machines[1]), "the console in the status")
        began = _last_used(served, machines[0])
        before = datetime.now(UTC).timestamp()
        for _ in range(3):
            busy.screen = b""
            busy.ask_for_screen(720, 400)
            busy.read_screen(_SCREEN_BYTES)
        after = datetime.now(UTC).timestamp()
        rows = {row["vm"]: row for row in served.sessions()}
        assert rows[machines[1].uuid]["bytesDown"] >= 3 * _SCREEN_BYTES
        assert rows[machines[1].uuid]["bytesDown"] < 3 * _SCREEN_BYTES + 10_000
        assert rows[machines[1].uuid]["bytesUp"] == 3 * 10
        assert rows[machines[0].uuid]["bytesUp"] == 0
        # Milliseconds, rounded; both clocks are this machine's.
        assert before - 0.05 <= _last_used(served, machines[1]) <= after + 0.05
        assert _last_used(served, machines[0]) == began


def _last_used(served: Served, machine: Machine) -> float:
    """Return when a console was last used, in seconds since 1970."""
    connections = served.ask("/cmd/getstatus").json()["connections"]
    (found,) = [one for one in connections if one["tag"] == machine.uuid]
    return float(found["lastUsedTime"]) / 1000


@pytest.mark.timeout(120)
def test_hundreds_of_consoles_leave_no_descriptor(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served:
        family = [served.process.pid, *served.workers()]

        def belongings() -> dict[int, int]:
            return {process: descriptors(process) for process in family}

        def in_turn(count: int) -> None:
            for number in range(count):
                with Viewer(served.console(machines[number % len(machines)])) as viewer:
                    viewer.log_in()
                    if number % 2:
                        viewer.close()
            wait_for(lambda: served.reported() == 0, "no session in the report")
            wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")

        # What is opened once and kept is not lost.
        in_turn(8)
        before = belongings()
        in_turn(200)
        wait_for(
            lambda: all(belongings()[process] <= count for process, count in before.items()),
            f"descriptors to be back at {before}",
        )
        assert [served.process.pid, *served.workers()] == family
        assert served.metric("sessions") == 0


def test_an_operator_ends_a_session_of_any_worker(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:2]) as viewers:
        assert served.carrier(viewers[0].sock) != served.carrier(viewers[1].sock)
        for session in served.sessions():
            ended = requests.delete(f"{served.admin}/sessions/{session['uuid']}", timeout=10)
            assert ended.status_code == 204
        for viewer in viewers:
            assert viewer.closed() == (4410, errors.SessionEndedByOperator.sentence)
        wait_for(lambda: served.reported() == 0, "no session in the report")


def test_a_lost_screen_is_found_again_and_its_bytes_are_counted_on(
    tmp_path: Path, guest: Qemu, machines: list[Machine], qemu_factory: Callable[..., Qemu]
) -> None:
    with (
        running_served(tmp_path, machines) as served,
        Viewer(served.console(machines[0]), says="&rfb=3.8&resume=1") as viewer,
    ):
        viewer.log_in()
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(_SCREEN_BYTES)
        guest.stop()
        viewer.begin_anew()
        (before,) = served.sessions()
        again = qemu_factory(port=guest.port)
        viewer.log_in()
        # Of what a guest shows that boots still, and of what it shows then, it has as much as this.
        viewer.ask_for_screen(640, 400)
        viewer.read_screen(_COMMON_BYTES)
        types(again, viewer)
        (after,) = served.sessions()
        assert after["uuid"] == before["uuid"]
        assert before["bytesDown"] >= _SCREEN_BYTES
        assert after["bytesDown"] >= before["bytesDown"] + _COMMON_BYTES
        assert after["bytesUp"] == before["bytesUp"] + 10 + 2 * 8
        wait_for(lambda: served.reported() == 1, "one session in the report")


def test_the_client_that_a_balancer_names_is_the_registry_s(
    tmp_path: Path, machines: list[Machine]
) -> None:
    """The header is read by the worker, and the session is the client's, in the head's books."""
    settings: dict[str, Any] = {
        "loadbalancer_networks": "127.0.0.1",
        "loadbalancer_client_address": "proxy",
    }
    entry = Entry(begins=b"PROXY TCP4 203.0.113.9 127.0.0.1 50000 8080\r\n")
    with (
        running_served(tmp_path, machines, **settings) as served,
        Viewer(served.console(machines[0]), entry=entry) as viewer,
    ):
        viewer.log_in()
        (session,) = served.sessions()
        assert session["client"] == "203.0.113.9"
