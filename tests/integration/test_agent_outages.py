"""The management server goes and comes back: consoles go on, and no session's end is lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.database import Database, LoadReport
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import Console, ManagementPeer
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

_REPORT = "ConsoleProxyLoadReportCommand"


@pytest.fixture
def server(cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
    with ManagementPeer(cloudstack_authority) as one:
        yield one


@pytest.fixture
def vm(tmp_path: Path, server: ManagementPeer, agent_files: AgentFiles) -> Iterator[SystemVm]:
    with running_system_vm(tmp_path, agent_files, kernel_line(server)) as one:
        server.cloud.vnc_port, server.cloud.page_port = one.console_port, one.page_port
        yield one


@pytest.fixture
def machines(server: ManagementPeer, qemu_factory: Callable[..., Qemu]) -> list[Machine]:
    guest = qemu_factory()
    server.cloud.machines += [
        Machine(f"6c3e6e7e-1111-4222-8333-44444444444{number}", "127.0.0.1", guest.port, "")
        for number in range(3)
    ]
    return server.cloud.machines


def _more_reports(server: ManagementPeer) -> None:
    before = len(server.journal.packets(_REPORT))
    wait_for(lambda: len(server.journal.packets(_REPORT)) > before + 1, "more reports")


def _removed(server: ManagementPeer, *consoles: Console) -> bool:
    return all(server.database.sessions[one.session].removed for one in consoles)


def test_ends_during_an_outage(
    server: ManagementPeer, vm: SystemVm, machines: list[Machine]
) -> None:
    server.up()
    consoles = [server.create_console(machine) for machine in machines]
    first, second, third = (Viewer(console.url) for console in consoles)
    with first, second:
        # All of them: the third one, too, has to be let in by the server that is killed.
        for viewer in (first, second, third):
            viewer.log_in()
        server.kill()
    server.start()
    wait_for(lambda: _removed(server, *consoles[:2]), "both ends to be told")
    with third:
        third.close()
    wait_for(lambda: _removed(server, *consoles), "the third one's end to be told")
    assert server.journal.errors == []


def test_reports_that_get_no_answer(
    server: ManagementPeer,
    vm: SystemVm,
    machines: list[Machine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("consoleproxy.agent.agent._ANSWER_SECONDS", 1.0)
    server.up()
    consoles = [server.create_console(machine) for machine in machines]
    for console in consoles:
        with Viewer(console.url) as viewer:
            viewer.log_in()
            server.manner = Manner(unanswered=frozenset({_REPORT}))
        _more_reports(server)
        server.manner = Manner()
    wait_for(lambda: _removed(server, *consoles), "all ends to be told")
    assert server.journal.errors == []


def test_answers_that_are_lost(
    server: ManagementPeer,
    vm: SystemVm,
    machines: list[Machine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server has struck the first session out, and the agent cannot know."""
    server.up()
    consoles = [server.create_console(machine) for machine in machines]
    first, second = (Viewer(console.url) for console in consoles[:2])
    with second:
        second.log_in()
        with first:
            first.log_in()
            gone = threading.Event()
            report = Database.report

            def cut(database: Database, proxy: int, text: str, now: datetime) -> LoadReport:
                taken = report(database, proxy, text, now)
                if taken.removed and not gone.is_set():
                    gone.set()
                    server.disconnect(reset=True)
                return taken

            monkeypatch.setattr(Database, "report", cut)
        assert gone.wait(10)
    wait_for(lambda: _removed(server, *consoles[:2]), "both ends to be told")
    lost = [text for text in server.journal.errors if "removed a second time" in text]
    assert lost == server.journal.errors


def test_a_server_that_has_forgotten_everything(
    server: ManagementPeer,
    vm: SystemVm,
    machines: list[Machine],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.up()
    old = server.create_console(machines[0])
    with Viewer(old.url) as viewer:
        viewer.log_in()
        server.kill()
        server.start(forgetful=True)
        server.up()
        new = server.create_console(machines[1])
        with Viewer(new.url) as other:
            other.log_in()
            viewer.close()
        wait_for(lambda: _removed(server, new), "the new session's end to be told")
    wait_for(lambda: "does not have it" in caplog.text, "the old one's end to be given up")
    before = len(server.journal.errors)
    _more_reports(server)
    assert len(server.journal.errors) == before
    assert server.journal.packets("StartupProxyCommand", Kind.RECEIVED)[-1].fields["id"] == 5
