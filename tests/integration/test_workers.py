"""Several workers behind one port: one registry, one report, and no session but its own lost."""

import os
import resource
import signal
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.processes import children, descriptors
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, running_served
from tests.integration.fixtures.viewer import Viewer
from tests.integration.test_renewal import install, serial_of
from tests.waiting import free_port, wait_for

_SCREEN_BYTES = 720 * 400 * 4


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same: consoles need not share one."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(4)]


@contextmanager
def _viewers(served: Served, machines: list[Machine]) -> Iterator[list[Viewer]]:
    """Open a console of each machine."""
    with ExitStack() as stack:
        viewers = []
        for machine in machines:
            viewers.append(stack.enter_context(Viewer(served.console(machine))))
            viewers[-1].log_in()
        yield viewers


def _types(guest: Qemu, *viewers: Viewer) -> None:
    """Press a key in each console, and see it arrive."""
    for viewer in viewers:
        before = len(guest.keys())
        viewer.press(ord("x"))
        wait_for(lambda n=before: len(guest.keys()) == n + 1, "the key")  # type: ignore[misc]


def _lost(viewer: Viewer) -> bool:
    """Read on until the connection is cut, which has to be without a word."""
    try:
        while True:
            viewer.frames.read()
    except (EOFError, ConnectionResetError):
        return True


def test_sessions_are_spread_and_counted_once(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
        carriers = [served.carrier(viewer.sock) for viewer in viewers]
        assert {carriers.count(worker) for worker in served.workers()} == {2}
        assert {row["vm"] for row in served.sessions()} == {one.uuid for one in machines}
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        assert served.open_in_books() == 4
        assert served.metric("sessions") == 4
        _types(guest, *viewers)
        for viewer in viewers:
            viewer.close()
        wait_for(lambda: served.reported() == 0, "no session in the report")
        assert served.open_in_books() == 0
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def test_a_token_is_good_once_at_whichever_worker(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served:
        url = served.console(machines[0])
        with Viewer(url) as first, Viewer(url) as second:
            first.log_in()
            assert served.carrier(first.sock) != served.carrier(second.sock)
            assert second.refused().reason == errors.SessionUsed.sentence
            assert served.metric("sessions") == 1


def test_a_second_viewer_takes_over_from_another_worker(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    twice = [machines[0], machines[0]]
    with running_served(tmp_path, machines) as served, _viewers(served, twice) as viewers:
        first, second = viewers
        assert served.carrier(first.sock) != served.carrier(second.sock)
        assert first.closed() == (4409, errors.SessionReplaced.sentence)
        _types(guest, second)
        wait_for(lambda: served.metric("sessions") == 1, "the first session to be gone")
        wait_for(lambda: served.reported() == 1, "one session in the report")


def test_there_is_room_for_so_many_on_all_workers(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines, session_max=2) as served, ExitStack() as stack:
        # The cloud gives no links to a proxy that is full.
        late = served.console(machines[2])
        viewers = stack.enter_context(_viewers(served, machines[:2]))
        with Viewer(late) as third:
            assert third.refused().reason == errors.ProxyFull.sentence
        for _ in served.workers():
            assert _readiness(served).startswith("503 full")
        viewers[0].close()
        wait_for(lambda: served.metric("sessions") == 1, "a session to end")
        assert _readiness(served) == "200 ready"
        with Viewer(late) as third:
            third.log_in()


def _readiness(served: Served) -> str:
    """Return status and text of ``/readyz``."""
    with socket.create_connection(("127.0.0.1", served.port), 10) as sock:
        sock.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
        head, _, text = b"".join(iter(lambda: sock.recv(4096), b"")).partition(b"\r\n\r\n")
    return f"{head.split()[1].decode()} {text.decode().strip()}"


def test_one_report_says_what_each_console_has_done(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
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


def test_when_a_worker_is_killed_the_others_go_on_and_its_viewers_may_come_back(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    interval = 1.0
    with (
        running_served(tmp_path, machines, loadscan_interval=int(interval * 1000)) as served,
        ExitStack() as stack,
    ):
        urls = [served.console(machine) for machine in machines]
        viewers = []
        for url in urls:
            viewers.append(stack.enter_context(Viewer(url)))
            viewers[-1].log_in()
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        old, other = served.workers()
        lost = [n for n, one in enumerate(viewers) if served.carrier(one.sock) == old]
        others = [one for n, one in enumerate(viewers) if n not in lost]
        os.kill(old, signal.SIGKILL)
        assert len(lost) == len(others) == 2
        assert all(_lost(viewers[number]) for number in lost)
        wait_for(lambda: served.metric("sessions") == 2, "the registry", limit=2 * interval)
        wait_for(
            lambda: served.reported() == served.open_in_books() == 2, "the report", 2 * interval
        )
        _types(guest, *others)
        back = [stack.enter_context(Viewer(urls[number])) for number in lost]
        for viewer in back:
            viewer.log_in()
        _types(guest, *others, *back)
        wait_for(
            lambda: served.reported() == served.open_in_books() == 4, "the report", 2 * interval
        )
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        assert served.metric("workers_replaced_total") == 1
        (new,) = set(served.workers()) - {other}
        for viewer in back:
            viewer.close()
        wait_for(lambda: served.metric("sessions") == 2, "those that came back to end")
        with _viewers(served, [machines[number] for number in lost]) as later:
            assert {served.carrier(viewer.sock) for viewer in later} == {new}
            _types(guest, *later)
    assert "a worker process died" in served.log()


def test_a_worker_that_hangs_is_found_out_and_replaced(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
        hung, _ = served.workers()
        os.kill(hung, signal.SIGSTOP)
        others = [one for one in viewers if served.carrier(one.sock) != hung]
        wait_for(lambda: served.metric("workers_replaced_total") == 1, "it to be replaced")
        wait_for(lambda: served.reported() == 2, "two sessions in the report")
        _types(guest, *others)
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        assert hung not in served.workers()


def test_without_the_process_that_makes_workers_those_that_are_there_go_on(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines[:2]) as viewers:
        old, _ = served.workers()
        (other,) = [one for one in viewers if served.carrier(one.sock) != old]
        (nursery,) = children(served.process.pid)
        os.kill(nursery, signal.SIGKILL)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: "restart this proxy" in served.log(), "the operator to be told")
        wait_for(lambda: served.reported() == 1, "one session in the report")
        assert (served.metric("workers"), served.metric("workers_replaced_total")) == (1, 1)
        _types(guest, other)
        assert _readiness(served) == "200 ready"


def test_a_worker_without_a_descriptor_to_spare_keeps_its_consoles(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines[:2]) as viewers:
        for worker in served.workers():
            limit = max(int(name) for name in os.listdir(f"/proc/{worker}/fd")) + 2
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (limit, limit))
        with ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(socket.create_connection(("127.0.0.1", served.port), 10))
            wait_for(lambda: "as many open as the system allows" in served.log(), "the limit")
            _types(guest, *viewers)
        assert served.metric("workers_replaced_total") == 0
        assert served.metric("sessions") == 2


def test_a_draining_proxy_takes_nobody_at_either_worker(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines[:2]) as viewers:
        assert _readiness(served) == "200 ready"
        late = [served.console(machine) for machine in machines[2:]]
        served.drain()
        with Viewer(late[0]) as one, Viewer(late[1]) as other:
            assert served.carrier(one.sock) != served.carrier(other.sock)
            assert one.refused().code == other.refused().code == 1001
        for _ in served.workers():
            assert _readiness(served) == "503 draining"
        _types(guest, *viewers)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("to", ["head", "group"])
def test_a_proxy_that_stops_says_so_and_reports_and_leaves_nothing(
    tmp_path: Path, guest: Qemu, machines: list[Machine], number: signal.Signals, to: str
) -> None:
    """A terminal's Ctrl-C goes to the whole group, and so does what systemd sends."""
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        served.workers()
        if to == "head":
            served.process.send_signal(number)
        else:
            os.killpg(served.process.pid, number)
        for viewer in viewers:
            assert viewer.closed() == (1001, errors.ProxyDraining.sentence)
        assert served.process.wait(10) == 0
        wait_for(lambda: served.left() == [], "all processes to end")
        assert (served.reported(), served.open_in_books()) == (0, 0)
        assert "Traceback" not in served.log()
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def test_a_proxy_that_stops_ends_a_worker_that_hangs(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        hung, _ = served.workers()
        others = [one for one in viewers if served.carrier(one.sock) != hung]
        os.kill(hung, signal.SIGSTOP)
        served.process.terminate()
        for viewer in others:
            assert viewer.closed()[0] == 1001
        assert served.process.wait(15) == 0
        wait_for(lambda: served.left() == [], "all processes to end")
        assert (served.reported(), served.open_in_books()) == (0, 0)


def test_when_the_head_is_killed_nothing_is_left(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, _viewers(served, machines) as viewers:
        served.workers()
        served.process.kill()
        for viewer in viewers:
            assert viewer.closed() == (1001, errors.ProxyDraining.sentence)
        served.process.wait()
        wait_for(lambda: served.left() == [], "all processes to end")
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def _tls(folder: Path) -> dict[str, Any]:
    return {"ssl_enabled": True, "url_domain": "localhost", "keystore_path": str(folder)}


def _trusting(pki: Pki) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pki.root))


def _greeting(served: Served, port: int, pki: Pki) -> tuple[int, int]:
    """Shake hands; return the worker that did, and its certificate's serial number."""
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        _trusting(pki).wrap_socket(plain, server_hostname="localhost") as sock,
    ):
        der = sock.getpeercert(binary_form=True)
        assert der is not None
        return served.carrier(sock), serial_of(ssl.DER_cert_to_PEM_cert(der).encode())


def test_a_renewed_certificate_reaches_every_worker_and_sessions_go_on(
    tmp_path: Path, pki: Pki, guest: Qemu, machines: list[Machine]
) -> None:
    folder = tmp_path / "certs"
    old = install(pki, pki.server, folder)
    with running_served(tmp_path, machines, **_tls(folder)) as served, ExitStack() as stack:
        viewers = []
        for machine in machines[:2]:
            viewer = Viewer(served.console(machine), tls=_trusting(pki))
            viewers.append(stack.enter_context(viewer))
            viewer.log_in()
        assert {served.carrier(viewer.sock) for viewer in viewers} == set(served.workers())
        before = dict(_greeting(served, served.port, pki) for _ in range(2))
        assert before == dict.fromkeys(served.workers(), old)
        new = install(pki, pki.renewed, folder)
        wait_for(
            lambda: (
                dict(_greeting(served, served.port, pki) for _ in range(2))
                == dict.fromkeys(served.workers(), new)
            ),
            "the new certificate at both workers",
        )
        _types(guest, *viewers)
        with Viewer(served.console(machines[2]), tls=_trusting(pki)) as later:
            later.log_in()
        # One that is made now has it as well.
        os.kill(served.workers()[0], signal.SIGKILL)
        wait_for(lambda: served.metric("workers_replaced_total") == 1, "the worker's end")
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        after = dict(_greeting(served, served.port, pki) for _ in range(6))
        assert after[served.workers()[-1]] == new


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_where_the_port_changes_both_are_served_until_the_old_sessions_end(
    tmp_path: Path, pki: Pki, guest: Qemu, machines: list[Machine]
) -> None:
    folder, new_port = tmp_path / "certs", free_port()
    install(pki, pki.server, folder)
    program = ("-m", "tests.integration.fixtures.moving", str(new_port), str(folder))
    with (
        running_served(tmp_path, machines, program=program) as served,
        _viewers(served, machines[:2]) as viewers,
    ):
        assert {served.carrier(viewer.sock) for viewer in viewers} == set(served.workers())
        late = served.console(machines[2])
        assert served.process.stdin is not None
        served.process.stdin.close()
        wait_for(lambda: served.console(machines[3]).startswith("https://"), "URLs to follow")
        with (
            Viewer(late) as one,
            Viewer(served.console(machines[3]), tls=_trusting(pki)) as other,
        ):
            one.log_in()
            other.log_in()
            assert served.carrier(one.sock) != served.carrier(other.sock)
            _types(guest, *viewers, one, other)
            one.close()
        assert len({_greeting(served, new_port, pki) for _ in range(2)}) == 2
        viewers[0].close()
        wait_for(lambda: served.metric("sessions") == 1, "all but one session to end")
        assert _listens(served.port), "the last one is another worker's"
        viewers[1].close()
        wait_for(lambda: not _listens(served.port), "the old port to be closed")
        assert _listens(new_port)


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
