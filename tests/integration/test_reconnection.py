"""The hypervisor's side of a console drops: the viewer is told at once, and may come back."""

import dataclasses
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
    return qemu_factory(password=_PASSWORD, arguments=("-name", "i-2-3-VM"))


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), guest.port, _PASSWORD, instance_name="i-2-3-VM")


def test_a_guest_that_goes_is_told_within_a_second(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Viewer(cloud.console(machine)) as viewer:
        viewer.log_in()
        guest.stop()
        viewer.sock.settimeout(1.0)
        assert viewer.closed() == (1012, "The screen was closed.")
        wait_for(lambda: cloud.sessions() == 0, "the session to end", limit=1.0)


def test_without_a_window_the_console_is_over(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=0) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            guest.stop()
            assert viewer.closed()[0] == 1000
        with Viewer(url) as back:
            assert back.refused().code == 4409


def test_a_guest_that_moved_is_found_where_it_is_by_now(
    tmp_path: Path, guest: Qemu, machine: Machine, qemu_factory: Callable[..., Qemu]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            moved = qemu_factory(password=_PASSWORD, arguments=("-name", "i-2-3-VM"))
            cloud.rewrite(dataclasses.replace(machine, port=moved.port))
            guest.stop()
            assert viewer.closed()[0] == 1012
        with Viewer(url) as back:
            assert back.log_in().name == "web-1"
            back.press(ord("x"))
            wait_for(lambda: len(moved.keys()) == 1, "the key at its new place")
            wait_for(lambda: cloud.reported() == 1, "the session in the books")
            (session,) = cloud.proxy.registry
            assert session.port == moved.port


def test_until_the_guest_is_back_each_return_may_be_repeated(
    tmp_path: Path, guest: Qemu, machine: Machine, qemu_factory: Callable[..., Qemu]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            guest.stop()
            assert viewer.closed()[0] == 1012
        for _ in range(3):
            with Viewer(url) as early:
                refusal = early.refused()
                assert (refusal.code, refusal.reason) == (
                    4502,
                    errors.HypervisorUnreachable.sentence,
                )
        display = guest.port - 5900
        qemu_factory(
            password=_PASSWORD, vnc=f"127.0.0.1:{display}", arguments=("-name", "i-2-3-VM")
        )
        with Viewer(url) as back:
            back.log_in()


def test_behind_the_window_the_link_is_used_up(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=300) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            guest.stop()
            assert viewer.closed()[0] == 1012

        def code() -> int:
            with Viewer(url) as back:
                return back.refused().code

        wait_for(lambda: code() == 4409, "the window to end", limit=5.0)


def test_a_machine_that_was_stopped_is_said_to_be(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            cloud.rewrite(dataclasses.replace(machine, state="Stopped"))
            guest.stop()
            assert viewer.closed()[0] == 1012
        with Viewer(url) as back:
            refusal = back.refused()
        assert (refusal.code, refusal.reason) == (4401, errors.MachineNotRunning.sentence)


def test_another_guest_on_the_port_is_not_shown(
    tmp_path: Path, guest: Qemu, machine: Machine, qemu_factory: Callable[..., Qemu]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            viewer.log_in()
            display = guest.port - 5900
            guest.stop()
            assert viewer.closed()[0] == 1012
        qemu_factory(
            password=_PASSWORD, vnc=f"127.0.0.1:{display}", arguments=("-name", "i-9-9-VM")
        )
        for link in (url, cloud.console(machine)):
            with Viewer(link) as back:
                refusal = back.refused()
                assert (refusal.code, refusal.reason) == (
                    4502,
                    errors.HypervisorOtherGuest.sentence,
                )
                assert back.screen == b""


def test_on_the_same_websocket_the_screen_is_found_again(
    tmp_path: Path, guest: Qemu, machine: Machine, qemu_factory: Callable[..., Qemu]
) -> None:
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says="&rfb=3.8&resume=1") as viewer,
    ):
        viewer.log_in()
        moved = qemu_factory(password=_PASSWORD, arguments=("-name", "i-2-3-VM"))
        cloud.rewrite(dataclasses.replace(machine, port=moved.port))
        viewer.ask_for_screen(720, 400)
        guest.stop()
        viewer.press(ord("o"))
        viewer.begin_anew()
        assert viewer.log_in().name == "web-1"
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400)
        viewer.press(ord("x"))
        wait_for(lambda: moved.keys(), "the key at its new place")
        assert [key[:2] for key in moved.keys()] == ["78"], "keys for the lost screen are lost"
        (session,) = cloud.proxy.registry
        assert (session.number, session.port) == (1, moved.port)
        wait_for(lambda: cloud.reported() == 1, "one session in the books")
        viewer.close()
        wait_for(lambda: moved.clients() == [] and cloud.sessions() == 0, "all to be let go")


def test_a_screen_that_does_not_come_back_ends_its_websocket(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=1000) as cloud:
        url = cloud.console(machine)
        with Viewer(url, says="&rfb=3.8&resume=1") as viewer:
            viewer.log_in()
            guest.stop()
            viewer.begin_anew()
            refusal = viewer.refused()
            assert (refusal.code, refusal.reason) == (4502, errors.ScreenLost.sentence)
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        with Viewer(url) as back:
            assert back.refused().code == 4409


def test_a_viewer_that_leaves_while_its_screen_is_lost_leaves_nothing(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        url = cloud.console(machine)
        tasks = cloud.tasks()
        with Viewer(url, says="&resume=1") as viewer:
            viewer.log_in()
            guest.stop()
            viewer.begin_anew()
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        wait_for(lambda: cloud.tasks() <= tasks, "its tasks to end")


def test_an_operator_ends_a_session_whose_screen_is_lost(
    tmp_path: Path, guest: Qemu, machine: Machine
) -> None:
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says="&resume=1") as viewer,
    ):
        viewer.log_in()
        guest.stop()
        viewer.begin_anew()
        admin = f"http://127.0.0.1:{cloud.proxy.admin_port}"
        (session,) = requests.get(f"{admin}/sessions", timeout=10).json()
        assert session["bytesDown"] >= 0
        requests.delete(f"{admin}/sessions/{session['uuid']}", timeout=10)
        refusal = viewer.refused()
        assert (refusal.code, refusal.reason) == (4410, errors.SessionEndedByOperator.sentence)
