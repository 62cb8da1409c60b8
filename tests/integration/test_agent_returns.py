"""Who leaves before CloudStack's answer and comes back is asked about once, as anybody is."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from consoleproxy import errors
from tests.integration.fixtures.cloudstack import judging
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.cloudstack.wire import Fields
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm
from tests.integration.fixtures.tab import Tab
from tests.waiting import wait_for

_PASSWORD = "vnc<&>8="


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machine(guest: Qemu, cloudstack: ManagementPeer) -> Machine:
    one = Machine("6c3e6e7e-1111-4222-8333-444444444444", "127.0.0.1", guest.port, _PASSWORD)
    cloudstack.cloud.machines.append(one)
    return one


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the server tell its decisions."""
    go = threading.Event()
    tell = judging.answer_about

    def tell_late(machine: Machine | None, fields: Fields) -> Fields:
        go.wait(20.0)
        return tell(machine, fields)

    monkeypatch.setattr(judging, "answer_about", tell_late)
    yield go
    go.set()


def _leave_too_early(cloudstack: ManagementPeer, tab: Tab, url: str) -> None:
    with tab.open(url):
        wait_for(lambda: _decisions(cloudstack), "the decision")


def _decisions(cloudstack: ManagementPeer) -> list[str]:
    return [event.text for event in cloudstack.journal.of(Kind.DECIDED)]


@pytest.mark.parametrize("back_before_the_answer", [True, False])
def test_no_link_becomes_good_by_leaving_before_the_no(
    cloudstack: ManagementPeer,
    system_vm: SystemVm,
    machine: Machine,
    guest: Qemu,
    go: threading.Event,
    back_before_the_answer: bool,
) -> None:
    """Of a session that comes back CloudStack checks neither ticket nor time."""
    cloudstack.up()
    console, tab = cloudstack.create_console(machine), Tab()
    cloudstack.cloud.now = lambda: datetime.now(UTC) + timedelta(hours=1)
    _leave_too_early(cloudstack, tab, console.url)
    if not back_before_the_answer:
        go.set()
    with tab.open(console.url) as back:
        go.set()
        refused = back.refused().code
    assert refused in (errors.AuthenticationRefused.close_code, errors.SessionUsed.close_code)
    assert _decisions(cloudstack) == ["Access ticket expired or has been modified"]
    assert guest.clients() == []


@pytest.mark.parametrize("back_before_the_answer", [True, False])
def test_who_left_before_the_yes_comes_back(
    cloudstack: ManagementPeer,
    system_vm: SystemVm,
    machine: Machine,
    go: threading.Event,
    back_before_the_answer: bool,
) -> None:
    cloudstack.up()
    console, tab = cloudstack.create_console(machine), Tab()
    _leave_too_early(cloudstack, tab, console.url)
    if not back_before_the_answer:
        go.set()
    with tab.open(console.url) as back:
        go.set()
        back.log_in()
    assert set(_decisions(cloudstack)) == {"allowed"}
