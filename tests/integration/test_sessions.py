"""Sessions on a real hypervisor: counts, takeover, idle time, the end of either side."""

import json
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

_PASSWORD = "secret12"


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("büro 1", str(uuid.uuid4()), guest.port, _PASSWORD)


def test_screen_and_keys_of_a_real_guest(tmp_path: Path, guest: Qemu, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as viewer:
        server_init = viewer.log_in()
        assert server_init.name == "büro 1"
        assert (server_init.width, server_init.height) == (720, 400)
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400)
        viewer.press(ord("h"))
        viewer.press(ord("i"))
        wait_for(lambda: [key[:2] for key in guest.keys()] == ["68", "69"], "the guest's keys")
        viewer.close()
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go", limit=1.0)


def test_a_viewer_that_says_ahead_what_it_speaks_waits_for_nothing(
    tmp_path: Path, machine: Machine
) -> None:
    """RFC 6143 section 7.1 to 7.3: version, "None", SecurityResult, ServerInit, and no question."""
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says="&rfb=3.8") as viewer,
    ):
        name = machine.name.encode()
        told = viewer.frames.read_data(12 + 2 + 4 + 24 + len(name))
        assert told.startswith(b"RFB 003.008\n\x01\x01\0\0\0\0")
        assert told.endswith(name)
        viewer.send(b"RFB 003.008\n\x01\x01")
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400)


def test_load_report_while_three_are_open_and_after_they_close(
    tmp_path: Path, qemu_factory: Callable[..., Qemu]
) -> None:
    machines = [Machine(f"vm-{n}", str(uuid.uuid4()), qemu_factory().port) for n in range(3)]
    with running_cloud(tmp_path, machines) as cloud:
        assert cloud.reported() == 0
        viewers = [Viewer(cloud.console(machine)) for machine in machines]
        for viewer in viewers:
            viewer.log_in()
        wait_for(lambda: cloud.reported() == 3, "three sessions in the books")
        open_sessions = cloud.api.listConsoleSessions(activeonly="true")["consolesession"]
        assert len(open_sessions) == 3
        assert {row["virtualmachineid"] for row in open_sessions} == {m.uuid for m in machines}
        admin = f"http://127.0.0.1:{cloud.proxy.admin_port}"
        status = requests.get(f"{admin}/cmd?cmd=getstatus", timeout=10).json()
        assert {entry["tag"] for entry in status["connections"]} == {m.uuid for m in machines}
        assert "consoleproxy_sessions 3" in requests.get(f"{admin}/metrics", timeout=10).text
        for viewer in viewers:
            with viewer:
                viewer.close()
        wait_for(lambda: cloud.reported() == 0, "no session in the books")
        rows = cloud.api.listConsoleSessions()["consolesession"]
        assert len(rows) == 3
        assert all(row.get("removed") for row in rows), "removedSessions named all three"


def test_a_second_viewer_replaces_the_first_which_is_told(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as first:
        first.log_in()
        with Viewer(cloud.console(machine)) as second:
            second.log_in()
            assert first.closed() == (4409, errors.SessionReplaced.sentence)
            second.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the second viewer's key")
            wait_for(lambda: cloud.sessions() == 1, "the first session to be gone")


def test_viewers_share_where_the_policy_says_so(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with (
        running_cloud(tmp_path, [machine], session_policy="share") as cloud,
        Viewer(cloud.console(machine)) as first,
        Viewer(cloud.console(machine)) as second,
    ):
        for number, viewer in enumerate((first, second), 1):
            viewer.log_in()
            viewer.press(ord("x"))
            wait_for(lambda n=number: len(guest.keys()) == n, "both viewers' keys")  # type: ignore[misc]
        assert cloud.sessions() == 2


def test_a_second_viewer_is_refused_where_the_policy_says_so(
    tmp_path: Path, machine: Machine
) -> None:
    with (
        running_cloud(tmp_path, [machine], session_policy="refuse") as cloud,
        Viewer(cloud.console(machine)) as first,
        Viewer(cloud.console(machine)) as second,
    ):
        first.log_in()
        assert second.refused().code == 4409
        assert cloud.sessions() == 1


def test_an_idle_session_is_ended_and_a_busy_one_is_not(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with (
        running_cloud(tmp_path, [machine], session_timeout=1500) as cloud,
        Viewer(cloud.console(machine)) as viewer,
    ):
        viewer.log_in()
        for number in range(1, 13):
            viewer.press(ord("x"))
            wait_for(lambda n=number: len(guest.keys()) == n, "the key")  # type: ignore[misc]
            _pause(viewer, 0.2)
        assert viewer.closed() == (4408, errors.SessionIdle.sentence)


def _pause(viewer: Viewer, seconds: float) -> None:
    """Look for that long whether the session is closed; it must not be."""
    viewer.sock.settimeout(seconds)
    try:
        assert viewer.sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        pass
    finally:
        viewer.sock.settimeout(20)


def test_when_the_browser_vanishes_the_guest_is_let_go_and_it_may_come_back(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            wait_for(lambda: len(guest.clients()) == 1, "the hypervisor to see the proxy")
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go", limit=1.0)
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        with Viewer(url) as back:
            assert back.log_in().name == machine.name
            wait_for(lambda: cloud.reported() == 1, "the session that came back in the books")


def test_an_operator_ends_a_session(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as viewer:
        viewer.log_in()
        admin = f"http://127.0.0.1:{cloud.proxy.admin_port}"
        (session,) = json.loads(requests.get(f"{admin}/sessions", timeout=10).text)
        assert session["vm"] == machine.uuid
        ended = requests.delete(f"{admin}/sessions/{session['uuid']}", timeout=10)
        assert ended.status_code == 204
        assert viewer.closed() == (4410, errors.SessionEndedByOperator.sentence)
        assert requests.delete(f"{admin}/sessions/none", timeout=10).status_code == 404


def test_a_draining_proxy_takes_nobody_and_keeps_who_is_there(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as viewer:
        viewer.log_in()
        late = cloud.console(machine)
        admin = f"http://127.0.0.1:{cloud.proxy.admin_port}"
        assert requests.post(f"{admin}/drain", timeout=10).status_code == 202
        ready = requests.get(f"http://127.0.0.1:{cloud.proxy.port}/readyz", timeout=10)
        assert (ready.status_code, ready.text) == (503, "draining\n")
        with Viewer(late) as refused:
            assert refused.refused().code == 1001
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the open session's key")


def test_a_proxy_that_stops_says_so_and_reports(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as viewer:
        viewer.log_in()
        wait_for(lambda: cloud.reported() == 1, "the session in the books")
        cloud.run(cloud.proxy.stop)
        assert viewer.closed() == (1001, errors.ProxyDraining.sentence)
        assert cloud.reported() == 0
