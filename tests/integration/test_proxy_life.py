"""A proxy that falls silent, is in maintenance, drains or is stopped: real processes."""

import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, opened, running_served, types
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

_INTERVAL = 0.5
_SHORT = int(1000 * _INTERVAL)
# How long the books may be wrong, and what a busy machine takes to ask.
_TWO_INTERVALS = 2 * _INTERVAL + 4.0
_NAME = "v-1-VM"


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(3)]


def proxy(served: Served) -> dict[str, Any]:
    """The proxy as ``listSystemVms`` has it."""
    (found,) = served.api.listSystemVms(id=_NAME)["systemvm"]
    return dict(found)


def refused(served: Served, machine: Machine) -> bool:
    """Whether the cloud gives no console of this machine."""
    answer = served.api.createConsoleEndpoint(virtualmachineid=machine.uuid)["consoleendpoint"]
    return not answer["success"]


def session(served: Served, machine: Machine) -> dict[str, Any]:
    """The newest session of a machine."""
    found = served.api.listConsoleSessions(virtualmachineid=machine.uuid)["consolesession"]
    return dict(found[0])


def test_sessions_of_a_silent_proxy_are_over_in_the_books_until_it_is_back(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with (
        running_served(tmp_path, machines, loadscan_interval=_SHORT) as served,
        opened(served, machines[:2]) as viewers,
    ):
        wait_for(lambda: served.reported() == 2, "two sessions in the report")
        os.kill(served.process.pid, signal.SIGSTOP)
        try:
            wait_for(lambda: proxy(served)["state"] == "Disconnected", "the silence to be noticed")
            wait_for(lambda: served.open_in_books() == 0, "its sessions to be over in the books")
            assert session(served, machines[0])["endreason"] == "proxy-disconnected"
            assert proxy(served)["activeviewersessions"] == 0
            assert refused(served, machines[0]), "though it had this machine"
            # Consoles go on: workers carry them.
            types(guest, viewers[0])
            # One is ended meanwhile, as far as that goes.
            answer = served.api.endConsoleSession(id=session(served, machines[1])["id"])
            assert answer["success"] is True
        finally:
            os.kill(served.process.pid, signal.SIGCONT)
        wait_for(lambda: proxy(served)["state"] == "Running", "the proxy to be back")
        assert viewers[1].closed()[0] == 4410
        wait_for(lambda: served.open_in_books() == 1, "the other one in the books", _TWO_INTERVALS)
        wait_for(lambda: served.reported() == 1, "the other one in the report", _TWO_INTERVALS)
        assert "endreason" not in session(served, machines[0])
        assert session(served, machines[1])["endreason"] == "operator"
        types(guest, viewers[0])


def test_a_proxy_in_maintenance_gets_nobody_and_keeps_who_is_there(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served:
        url = served.console(machines[0])
        with Viewer(url) as viewer:
            viewer.log_in()
            host = served.api.prepareHostForMaintenance(id=_NAME)["host"]
            assert host["resourcestate"] == proxy(served)["resourcestate"] == "Maintenance"
            for machine in machines:
                assert refused(served, machine)
            types(guest, viewer)
            wait_for(lambda: served.metric("maintenance") == 1, "the proxy to hear of it")
            assert served.readiness() == "200 ready"
        wait_for(lambda: served.metric("sessions") == 0, "the cut session to be gone")
        with Viewer(url) as back:
            back.log_in()
            types(guest, back)
            assert served.api.cancelHostMaintenance(id=_NAME)["host"]["resourcestate"] == "Enabled"
            wait_for(lambda: served.metric("maintenance") == 0, "the proxy to hear of it")
            with Viewer(served.console(machines[1])) as other:
                other.log_in()


def test_a_proxy_that_drains_or_stops_gets_nobody_at_once(
    tmp_path: Path, guest: Qemu, machines: list[Machine]
) -> None:
    # Its own reports would come too late.
    with (
        running_served(tmp_path, machines, loadscan_interval=60_000) as served,
        opened(served, machines[:1]) as viewers,
    ):
        served.drain()
        wait_for(lambda: proxy(served)["state"] == "Draining", "the cloud to hear of it")
        assert refused(served, machines[0])
        types(guest, viewers[0])
        with pytest.raises(Exception, match="is running"):
            served.api.destroySystemVm(id=_NAME)


def test_a_stopped_proxy_is_taken_out_of_the_books(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines, loadscan_interval=_SHORT) as served:
        served.process.terminate()
        # Said by the last report: three intervals later it is missed.
        wait_for(lambda: proxy(served)["state"] == "Draining", "the cloud to hear of it")
        served.process.wait(20)
        assert refused(served, machines[0])
        wait_for(lambda: proxy(served)["state"] == "Disconnected", "it to be missed")
        assert served.api.destroySystemVm(id=_NAME)["systemvm"]["id"] == _NAME
        assert served.api.listSystemVms() == {}


def test_metrics_show_proxies_by_state(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served:
        served.api.prepareHostForMaintenance(id=_NAME)
        url = served.api.endpoint.removesuffix("/client/api")
        text = requests.get(f"{url}/metrics", timeout=10).text
        assert 'consoleproxy_management_proxies{state="Maintenance"} 1' in text
        assert 'consoleproxy_management_proxies{state="Running"} 0' in text
        assert "consoleproxy_management_capacity_free 0" in text
