"""``consoleproxy agent`` at a management server that speaks CloudStack's protocol."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud, Machine
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

WEB = "6c3e6e7e-1111-4222-8333-444444444444"


@pytest.fixture
def server(cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
    with ManagementPeer(cloudstack_authority, Cloud()) as one:
        yield one
        assert one.journal.errors == [], str(one.journal)
        assert one.journal.oddities == [], str(one.journal)


@pytest.fixture
def vm(tmp_path: Path, server: ManagementPeer, agent_files: AgentFiles) -> Iterator[SystemVm]:
    with running_system_vm(tmp_path, agent_files, kernel_line(server)) as one:
        server.cloud.vnc_port, server.cloud.page_port = one.console_port, one.page_port
        yield one


def test_it_is_up(server: ManagementPeer, vm: SystemVm) -> None:
    attachment = server.up()
    assert attachment.host is not None
    (startup, *_) = server.journal.packets("StartupProxyCommand")
    assert startup.fields["guid"] == "Proxy.2-ConsoleProxyResource"
    wait_for(lambda: (vm.folder.parent / "agent.json").exists(), "its number to be remembered")
    remembered = json.loads((vm.folder.parent / "agent.json").read_text())
    assert remembered["hostId"] == attachment.host.id


def test_a_console(server: ManagementPeer, vm: SystemVm, qemu_factory: Callable[..., Qemu]) -> None:
    guest = qemu_factory(password="vncpass8")
    machine = Machine(WEB, "127.0.0.1", guest.port, "vncpass8")
    server.cloud.machines.append(machine)
    server.up()
    console = server.create_console(machine)
    assert console.allowed
    with Viewer(console.url) as viewer:
        viewer.log_in()
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")
        wait_for(
            lambda: [one for one in server.database.reports if one.connections], "a load report"
        )
    wait_for(lambda: server.database.sessions[console.session].removed, "the session's end")


def test_a_link_works_once(
    server: ManagementPeer, vm: SystemVm, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory()
    machine = Machine(WEB, "127.0.0.1", guest.port, "")
    server.cloud.machines.append(machine)
    server.up()
    console = server.create_console(machine)
    with Viewer(console.url) as viewer:
        viewer.log_in()
        viewer.close()
    with Viewer(console.url) as again:
        assert again.refused().code == 4409


def test_the_management_server_is_killed_and_comes_back(
    server: ManagementPeer, vm: SystemVm, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory(password="vncpass8")
    machine = Machine(WEB, "127.0.0.1", guest.port, "vncpass8")
    server.cloud.machines.append(machine)
    server.up()
    first, second = server.create_console(machine), server.create_console(machine)
    with Viewer(first.url) as viewer:
        viewer.log_in()
        server.kill()
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key, without a management server")
        with Viewer(second.url) as refused:
            assert "Try again" in refused.refused().reason
        server.start()
        server.up()
        viewer.press(ord("y"))
        wait_for(lambda: len(guest.keys()) == 2, "the key")
        server.kill()
    server.start()
    wait_for(lambda: server.database.sessions[first.session].removed, "the end to be told")


def test_a_refused_agent_tries_again(
    tmp_path: Path, server: ManagementPeer, agent_files: AgentFiles
) -> None:
    server.manner = Manner(ready_refusal="no such zone")
    with running_system_vm(tmp_path, agent_files, kernel_line(server)):
        wait_for(lambda: len(server.journal.packets("StartupProxyCommand")) > 1, "another try")
        server.manner = Manner()
        server.up()
    server.journal.of(Kind.ERROR)
