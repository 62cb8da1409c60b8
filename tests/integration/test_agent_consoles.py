"""Consoles of an agent's proxy: CloudStack's tokens, its authentication, its load reports."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from consoleproxy import errors
from consoleproxy.agent.certificates import AgentCertificates
from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud, Machine
from tests.integration.fixtures.cloudstack.cloud import SystemVm as SystemVmRow
from tests.integration.fixtures.cloudstack.database import ConsoleSession
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.cloudstack.tokens import page_url, sealed, token_text
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.unit.keystore.authority import Chain, make_chain
from tests.waiting import wait_for

_PASSWORD = "vnc<&>8="
_WEB = "6c3e6e7e-1111-4222-8333-444444444444"


@pytest.fixture(scope="module")
def chain() -> Chain:
    return make_chain()


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machine(guest: Qemu, cloudstack: ManagementPeer) -> Machine:
    one = Machine(_WEB, "127.0.0.1", guest.port, _PASSWORD)
    cloudstack.cloud.machines.append(one)
    return one


@pytest.fixture
def patient_vm(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles
) -> Iterator[SystemVm]:
    """Reports load each 10 minutes, unless something happens."""
    line = kernel_line(cloudstack)
    with running_system_vm(tmp_path, agent_files, line, loadscan_interval=600_000) as vm:
        cloudstack.cloud.vnc_port, cloudstack.cloud.page_port = vm.console_port, vm.page_port
        yield vm


@pytest.mark.parametrize("cbc", [False, True])
@pytest.mark.parametrize("tls", [False, True])
def test_a_token_as_cloudstack_makes_it(
    cloudstack: ManagementPeer,
    system_vm: SystemVm,
    guest: Qemu,
    machine: Machine,
    chain: Chain,
    cbc: bool,
    tls: bool,
) -> None:
    context = None
    cloudstack.cloud.uses_cbc = cbc
    if tls:
        cloudstack.cloud.ssl_enabled, cloudstack.cloud.domain = True, "*.console.test"
        cloudstack.cloud.chain = chain
        context = ssl.create_default_context(cadata=chain.root.pem.decode())
    cloudstack.up()
    assert cloudstack.start_handler().result is True
    console = cloudstack.create_console(machine)
    assert console.url.startswith("https://127-0-0-1.console.test:" if tls else "http://127.0.0.1:")
    with Viewer(console.url, tls=context) as viewer:
        assert viewer.log_in().name == "web01"
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")
    (asked,) = cloudstack.journal.packets("ConsoleAccessAuthenticationCommand")
    fields = dict(asked.fields)
    assert len(fields.pop("_ticket")) == 88
    assert fields == {
        "_host": "127.0.0.1",
        "_port": str(guest.port),
        "_vmId": _WEB,
        "_sid": _PASSWORD,
        "sessionUuid": console.session,
        "clientAddress": "127.0.0.1",
        "_isReauthenticating": False,
        "contextMap": {},
        "wait": 0,
        "bypassHostMaintenance": False,
    }
    assert [event.text for event in cloudstack.journal.of(Kind.DECIDED)] == ["allowed"]


def test_a_session_that_was_not_announced(
    cloudstack: ManagementPeer, system_vm: SystemVm, machine: Machine
) -> None:
    host = cloudstack.up().host
    assert host is not None
    session = str(uuid4())
    cloudstack.database.sessions[session] = ConsoleSession(session, _WEB, "127.0.0.1")
    token = sealed(cloudstack.cloud, token_text(cloudstack.cloud, machine, session, "127.0.0.1"))
    with Viewer(page_url(cloudstack.cloud, host.proxy, machine, token)) as viewer:
        assert viewer.refused().code == errors.AuthenticationRefused.close_code
    assert cloudstack.journal.packets("ConsoleAccessAuthenticationCommand") == []
    assert cloudstack.database.sessions[session].acquired is None


def test_a_token_of_before_4_18_names_no_session(
    tmp_path: Path, cloudstack_authority: Authority, agent_files: AgentFiles, guest: Qemu
) -> None:
    """A server of today wants one, and so denies it; the question has what the token has."""
    machine = Machine(_WEB, "127.0.0.1", guest.port, _PASSWORD)
    with ManagementPeer(cloudstack_authority, Cloud(machines=[machine], uses_cbc=True)) as server:
        text = json.loads(token_text(server.cloud, machine, "", "127.0.0.1"))
        del text["sessionUuid"], text["sessionRequiresNewViewer"]
        token = sealed(server.cloud, json.dumps(text))
        with running_system_vm(tmp_path, agent_files, kernel_line(server)) as vm:
            server.up()
            server.cloud.page_port = vm.page_port
            url = page_url(server.cloud, SystemVmRow(), machine, token)
            for code in (errors.AuthenticationRefused.close_code, 4409):
                with Viewer(url) as viewer:
                    assert viewer.refused().code == code
            (asked,) = server.journal.packets("ConsoleAccessAuthenticationCommand")
            assert asked.fields["_ticket"] == text["ticket"]
            assert "sessionUuid" not in asked.fields
        assert [one for one in server.database.reports if one.removed] == []


def test_sessions_are_allowed_while_a_command_takes_its_time(
    cloudstack: ManagementPeer,
    system_vm: SystemVm,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloudstack.up()
    console = cloudstack.create_console(machine)
    over = threading.Event()

    async def slow(_: AgentCertificates) -> str:
        await asyncio.to_thread(over.wait, 20)
        return "csr"

    monkeypatch.setattr(AgentCertificates, "request", slow)
    waiting = cloudstack.post(commands.set_up_keystore("s3cret"))
    behind = [cloudstack.post(commands.health()) for _ in range(200)]
    try:
        with Viewer(console.url) as viewer:
            viewer.log_in()
        assert waiting.answers == []
    finally:
        over.set()
    assert waiting.answer(10.0).fields["csr"] == "csr"
    assert all(one.answer(10.0).result for one in behind)


def test_addresses_are_compared_where_the_server_wants_it(
    cloudstack: ManagementPeer, system_vm: SystemVm, guest: Qemu, machine: Machine
) -> None:
    cloudstack.up()
    with Viewer(cloudstack.create_console(machine, source="192.0.2.7").url) as viewer:
        viewer.log_in()
    cloudstack.cloud.source_ip_check = True
    assert cloudstack.start_handler().result is True
    with Viewer(cloudstack.create_console(machine, source="192.0.2.7").url) as viewer:
        assert viewer.refused().code == errors.SourceAddressMismatch.close_code
    with Viewer(cloudstack.create_console(machine).url) as viewer:
        viewer.log_in()


def test_a_denial(cloudstack: ManagementPeer, system_vm: SystemVm, machine: Machine) -> None:
    cloudstack.up()
    console = cloudstack.create_console(machine)
    cloudstack.cloud.machines[:] = [replace(machine, password="changed1")]
    with Viewer(console.url) as viewer:
        assert viewer.refused().code == errors.AuthenticationRefused.close_code
    (decision,) = cloudstack.journal.of(Kind.DECIDED)
    assert decision.text == "sid in url does not match stored sid"


def test_a_screen_that_moved_is_found_where_it_is_by_now(
    cloudstack: ManagementPeer,
    system_vm: SystemVm,
    guest: Qemu,
    machine: Machine,
    qemu_factory: Callable[..., Qemu],
) -> None:
    cloudstack.up()
    console = cloudstack.create_console(machine)
    with Viewer(console.url) as viewer:
        viewer.log_in()
        moved = qemu_factory(password=_PASSWORD)
        cloudstack.cloud.machines[:] = [replace(machine, port=moved.port)]
        guest.stop()
        assert viewer.closed()[0] == 1012
    with Viewer(console.url) as back:
        back.log_in()
        back.press(ord("x"))
        wait_for(lambda: len(moved.keys()) == 1, "the key at the new place")
    first, *_, last = cloudstack.journal.packets("ConsoleAccessAuthenticationCommand")
    assert not first.fields["_isReauthenticating"]
    assert last.fields["_isReauthenticating"]
    assert last.fields["sessionUuid"] == console.session


def test_a_reload_comes_back_though_the_server_knows_nothing_of_secrets(
    cloudstack: ManagementPeer, patient_vm: SystemVm, machine: Machine, guest: Qemu
) -> None:
    cloudstack.up()
    console, tab = cloudstack.create_console(machine), Tab()
    with tab.open(console.url) as first:
        first.log_in()
        with tab.reload(console.url, source="127.0.0.9") as over:
            over.log_in()
            assert first.closed()[0] == errors.SessionReplaced.close_code
    with tab.reload(console.url) as back:
        back.log_in()
        back.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")
        wait_for(lambda: cloudstack.database.active_sessions.get(2) == 1, "one session")
        with Tab().open(console.url) as other:
            assert other.refused().code == errors.SessionUsed.close_code
    asked = cloudstack.journal.packets("ConsoleAccessAuthenticationCommand")
    again = [(each.fields["sessionUuid"], each.fields["_isReauthenticating"]) for each in asked]
    assert again == [(console.session, False), (console.session, True), (console.session, True)]
    wait_for(lambda: cloudstack.database.sessions[console.session].removed, "its end")


def test_sessions_are_reported_at_once(
    cloudstack: ManagementPeer, patient_vm: SystemVm, machine: Machine
) -> None:
    cloudstack.up()
    console = cloudstack.create_console(machine)
    with Viewer(console.url) as viewer:
        viewer.log_in()
        wait_for(lambda: cloudstack.database.active_sessions.get(2) == 1, "the session")
        (connection,) = cloudstack.database.reports[-1].connections or ()
        assert connection["sessionUuid"] == console.session
        assert connection["tag"] == _WEB
    wait_for(lambda: cloudstack.database.sessions[console.session].removed, "its end")
    assert cloudstack.database.active_sessions == {2: 0}
