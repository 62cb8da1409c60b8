"""Workers, and the processes around them, that die, hang, or are told to stop."""

import os
import resource
import signal
import socket
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.processes import children
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import opened, running_served, types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same: consoles need not share one."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(4)]


def test_when_a_worker_is_killed_the_others_go_on_and_its_viewers_may_come_back(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    # Two intervals, and what a busy machine takes to ask.
    limit = 2 * 1.0 + 4.0
    with (
        running_served(tmp_path, machines, loadscan_interval=1000) as served,
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
        assert all(viewers[number].cut_off() for number in lost)
        wait_for(lambda: served.metric("sessions") == 2, "the registry", limit=limit)
        wait_for(lambda: served.reported() == served.open_in_books() == 2, "the report", limit)
        types(guest, *others)
        back = [stack.enter_context(Viewer(urls[number])) for number in lost]
        for viewer in back:
            viewer.log_in()
        types(guest, *others, *back)
        wait_for(lambda: served.reported() == served.open_in_books() == 4, "the report", limit)
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        assert served.metric("workers_replaced_total") == 1
        (new,) = set(served.workers()) - {other}
        for viewer in back:
            viewer.close()
        wait_for(lambda: served.metric("sessions") == 2, "those that came back to end")
        with opened(served, [machines[number] for number in lost]) as later:
            assert {served.carrier(viewer.sock) for viewer in later} == {new}
            types(guest, *later)
    assert "a worker process died" in served.log()


def test_a_worker_that_hangs_is_found_out_and_replaced(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    """Even where load reports are rare, or nobody takes them."""
    with (
        running_served(tmp_path, machines, loadscan_interval=600_000) as served,
        opened(served, machines) as viewers,
    ):
        hung, _ = served.workers()
        os.kill(hung, signal.SIGSTOP)
        others = [one for one in viewers if served.carrier(one.sock) != hung]
        wait_for(lambda: served.metric("workers_replaced_total") == 1, "it to be replaced")
        wait_for(lambda: served.reported() == 2, "two sessions in the report")
        types(guest, *others)
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        assert hung not in served.workers()


def test_without_the_process_that_makes_workers_those_that_are_there_go_on(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:2]) as viewers:
        old, _ = served.workers()
        (other,) = [one for one in viewers if served.carrier(one.sock) != old]
        (nursery,) = children(served.process.pid)
        os.kill(nursery, signal.SIGKILL)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: "restart this proxy" in served.log(), "the operator to be told")
        wait_for(lambda: served.reported() == 1, "one session in the report")
        assert (served.metric("workers"), served.metric("workers_replaced_total")) == (1, 1)
        types(guest, other)
        assert served.readiness() == "200 ready"


def test_a_worker_without_a_descriptor_to_spare_keeps_its_consoles(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:2]) as viewers:
        for worker in served.workers():
            limit = max(int(name) for name in os.listdir(f"/proc/{worker}/fd")) + 2
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (limit, limit))
        with ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(socket.create_connection(("127.0.0.1", served.port), 10))
            wait_for(lambda: "as many open as the system allows" in served.log(), "the limit")
            types(guest, *viewers)
        assert served.metric("workers_replaced_total") == 0
        assert served.metric("sessions") == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("to", ["head", "group"])
def test_a_proxy_that_stops_says_so_and_reports_and_leaves_nothing(
    tmp_path: Path, guest: Qemu, machines: list[Machine], number: signal.Signals, to: str
) -> None:
    """A terminal's Ctrl-C goes to the whole group, and so does what systemd sends."""
    with running_served(tmp_path, machines) as served, opened(served, machines) as viewers:
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        served.workers()
        if to == "head":
            served.process.send_signal(number)
        else:
            os.killpg(served.process.pid, number)
        for viewer in viewers:
            assert viewer.closed() == (1001, errors.ProxyDraining.sentence)
        assert served.process.wait(20) == 0
        wait_for(lambda: served.left() == [], "all processes to end")
        assert (served.reported(), served.open_in_books()) == (0, 0)
        assert "Traceback" not in served.log()
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def test_a_proxy_that_stops_ends_a_worker_that_hangs(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines) as viewers:
        wait_for(lambda: served.reported() == 4, "four sessions in the report")
        hung, _ = served.workers()
        others = [one for one in viewers if served.carrier(one.sock) != hung]
        os.kill(hung, signal.SIGSTOP)
        served.process.terminate()
        for viewer in others:
            assert viewer.closed()[0] == 1001
        assert served.process.wait(20) == 0
        wait_for(lambda: served.left() == [], "all processes to end")
        assert (served.reported(), served.open_in_books()) == (0, 0)


def test_when_the_head_is_killed_nothing_is_left(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines) as viewers:
        served.workers()
        served.process.kill()
        for viewer in viewers:
            # Ours then comes back; after a close frame with 1001 it does not.
            assert viewer.cut_off()
        served.process.wait()
        wait_for(lambda: served.left() == [], "all processes to end")
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")
