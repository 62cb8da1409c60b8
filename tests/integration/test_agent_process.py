"""``consoleproxy agent`` as it runs in a system VM: a program with two workers."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.fixtures.agent_process import AgentProcess, running_agent_process
from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import kernel_line
from tests.integration.fixtures.viewer import Viewer
from tests.unit.keystore.authority import make_chain
from tests.waiting import wait_for

_PASSWORD = "pa55w0rd"
_WEB = "6c3e6e7e-1111-4222-8333-44444444444"


@pytest.fixture
def agent(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles
) -> Iterator[AgentProcess]:
    cloud = cloudstack.cloud
    cloud.ssl_enabled, cloud.domain, cloud.chain = True, "*.console.test", make_chain()
    with running_agent_process(tmp_path, agent_files, kernel_line(cloudstack)) as one:
        cloud.vnc_port, cloud.page_port = one.settings.port, one.settings.page_port
        yield one


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machines(cloudstack: ManagementPeer, guest: Qemu) -> list[Machine]:
    cloudstack.cloud.machines += [
        Machine(f"{_WEB}{number}", "127.0.0.1", guest.port, _PASSWORD, id=80 + number)
        for number in range(2)
    ]
    return cloudstack.cloud.machines


def _context(cloudstack: ManagementPeer) -> ssl.SSLContext:
    chain = cloudstack.cloud.chain
    assert chain is not None
    return ssl.create_default_context(cadata=chain.root.pem.decode())


def test_sigterm_with_open_consoles(
    cloudstack: ManagementPeer, agent: AgentProcess, machines: list[Machine]
) -> None:
    cloudstack.up()
    assert len(agent.workers()) == 2
    consoles = [cloudstack.create_console(machine) for machine in machines]
    context = _context(cloudstack)
    first, second = (Viewer(console.url, tls=context) for console in consoles)
    with first, second:
        first.log_in()
        second.log_in()
        wait_for(lambda: cloudstack.database.active_sessions.get(2) == 2, "both in a load report")
        agent.terminate()
        assert [viewer.closed()[0] for viewer in (first, second)] == [1001, 1001]
    agent.ended()
    assert all(cloudstack.database.sessions[one.session].removed for one in consoles)
    assert cloudstack.database.active_sessions[2] == 0
    (goodbye,) = cloudstack.journal.packets("ShutdownCommand")
    assert goodbye.fields["reason"] == "sig.kill"
    last_report = cloudstack.journal.packets("ConsoleProxyLoadReportCommand")[-1]
    assert last_report.when < goodbye.when


def test_sessions_go_on_without_a_management_server(
    cloudstack: ManagementPeer, agent: AgentProcess, guest: Qemu, machines: list[Machine]
) -> None:
    cloudstack.up()
    console, late = (cloudstack.create_console(machine) for machine in machines)
    with Viewer(console.url, tls=_context(cloudstack)) as viewer:
        viewer.log_in()
        cloudstack.kill()
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")
        cloudstack.start()
        cloudstack.up()
        with Viewer(late.url, tls=_context(cloudstack)) as other:
            other.log_in()
        viewer.press(ord("y"))
        wait_for(lambda: len(guest.keys()) == 2, "the key")
    wait_for(lambda: cloudstack.database.sessions[console.session].removed, "the session's end")


def test_no_secret_is_in_the_log(
    cloudstack: ManagementPeer, agent: AgentProcess, machines: list[Machine]
) -> None:
    cloudstack.up()
    console = cloudstack.create_console(machines[0])
    with Viewer(console.url, tls=_context(cloudstack)) as viewer:
        viewer.log_in()
    denied = cloudstack.create_console(machines[1])
    cloudstack.cloud.machines = machines[:1]
    with Viewer(denied.url, tls=_context(cloudstack)) as viewer:
        viewer.refused()
    # An end whose report was not answered before the link goes would be told twice.
    wait_for(lambda: cloudstack.database.sessions[denied.session].removed, "its end to be told")
    cloudstack.renew_certificate(["v-2-VM", "127.0.0.1"])
    broken = {"keystoreBits": [1, 2, 3], "keystorePassword": "k3ystore", "encryptorPassword": "3nc"}
    assert cloudstack.send(commands.Command(commands.HTTP_HANDLER, broken)).result is False
    cloudstack.manner = Manner(ready_refusal="no such zone")
    cloudstack.disconnect()
    wait_for(lambda: "no such zone" in agent.log(), "the refusal")
    cloudstack.manner = Manner()
    cloudstack.up()
    agent.stop()
    log = agent.log()
    secrets = {_PASSWORD, "k3ystore", "3nc", "PRIVATE KEY", console.token, denied.token}
    for name in ("StartConsoleProxyAgentHttpHandlerCommand", "SetupCertificateCommand"):
        for sent in cloudstack.journal.packets(name, Kind.SENT):
            secrets |= {
                str(sent.fields[field])[:60]
                for field in ("keystorePassword", "encryptorPassword", "privateKey")
                if field in sent.fields
            }
    for asked in cloudstack.journal.packets("ConsoleAccessAuthenticationCommand"):
        secrets |= {asked.fields["_ticket"], asked.fields["_sid"]}
    assert [one for one in secrets if one in log] == []
    assert "asked for StartConsoleProxy" in log
