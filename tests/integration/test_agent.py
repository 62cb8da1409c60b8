"""``consoleproxy agent`` at a management server that speaks CloudStack's protocol."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.integration.fixtures.cloudstack.authority import AgentFiles
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

WEB = "6c3e6e7e-1111-4222-8333-444444444444"


def test_it_is_up(cloudstack: ManagementPeer, system_vm: SystemVm) -> None:
    attachment = cloudstack.up()
    assert attachment.host is not None
    (startup, *_) = cloudstack.journal.packets("StartupProxyCommand")
    assert startup.fields["guid"] == "Proxy.2-ConsoleProxyResource"
    file = system_vm.folder.parent / "agent.json"
    wait_for(file.exists, "its number to be remembered")
    remembered = json.loads(file.read_text())
    assert remembered["hostId"] == attachment.host.id


def test_a_console(
    cloudstack: ManagementPeer, system_vm: SystemVm, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory(password="vncpass8")
    machine = Machine(WEB, "127.0.0.1", guest.port, "vncpass8")
    cloudstack.cloud.machines.append(machine)
    cloudstack.up()
    console = cloudstack.create_console(machine)
    assert console.allowed
    with Viewer(console.url) as viewer:
        viewer.log_in()
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")
        wait_for(
            lambda: [one for one in cloudstack.database.reports if one.connections], "a load report"
        )
    wait_for(lambda: cloudstack.database.sessions[console.session].removed, "the session's end")


def test_a_link_works_once(
    cloudstack: ManagementPeer, system_vm: SystemVm, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory()
    machine = Machine(WEB, "127.0.0.1", guest.port, "")
    cloudstack.cloud.machines.append(machine)
    cloudstack.up()
    console = cloudstack.create_console(machine)
    with Viewer(console.url) as viewer:
        viewer.log_in()
        viewer.close()
    with Viewer(console.url) as again:
        assert again.refused().code == 4409


def test_the_management_server_is_killed_and_comes_back(
    cloudstack: ManagementPeer, system_vm: SystemVm, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory(password="vncpass8")
    machine = Machine(WEB, "127.0.0.1", guest.port, "vncpass8")
    cloudstack.cloud.machines.append(machine)
    cloudstack.up()
    first, second = cloudstack.create_console(machine), cloudstack.create_console(machine)
    with Viewer(first.url) as viewer:
        viewer.log_in()
        cloudstack.kill()
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key, without a management server")
        with Viewer(second.url) as refused:
            assert "Try again" in refused.refused().reason
        cloudstack.start()
        cloudstack.up()
        viewer.press(ord("y"))
        wait_for(lambda: len(guest.keys()) == 2, "the key")
        cloudstack.kill()
    cloudstack.start()
    cloudstack.up()
    wait_for(lambda: cloudstack.database.sessions[first.session].removed, "the end to be told")


def test_a_refused_agent_tries_again(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles
) -> None:
    cloudstack.manner = Manner(ready_refusal="no such zone")
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)):
        wait_for(lambda: len(cloudstack.journal.packets("StartupProxyCommand")) > 1, "another try")
        cloudstack.manner = Manner()
        cloudstack.up()
