"""Several management servers: which one the agent is at, and when it goes to another one."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud
from tests.integration.fixtures.cloudstack.database import Database
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.waiting import free_port, wait_for

_FIRST, _SECOND = "127.0.0.1", "127.0.0.2"
# Pings are often, and one that a busy machine sends late is no error.
_MANNER = Manner(servers=(_FIRST, _SECOND), ping_interval=1, ping_timeout=20)


@pytest.fixture
def servers(cloudstack_authority: Authority) -> Iterator[tuple[ManagementPeer, ManagementPeer]]:
    """Two of one installation."""
    cloud, database, port = Cloud(), Database(), free_port()
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(
                ManagementPeer(
                    cloudstack_authority,
                    cloud,
                    database,
                    address=address,
                    port=port,
                    node=345_052_370_017 + number,
                    manner=_MANNER,
                )
            )
            for number, address in enumerate((_FIRST, _SECOND))
        )
        yield first, second
        assert first.journal.errors == second.journal.errors == []


@pytest.fixture
def vm(
    tmp_path: Path, servers: tuple[ManagementPeer, ManagementPeer], agent_files: AgentFiles
) -> Iterator[SystemVm]:
    line = kernel_line(servers[0], host=f"{_FIRST},{_SECOND}@static")
    with running_system_vm(tmp_path, agent_files, line) as one:
        yield one


def _comes(server: ManagementPeer) -> None:
    wait_for(lambda: [one for one in server.attachments if one.is_up], "the agent", 15.0)


def _comes_again(server: ManagementPeer) -> None:
    wait_for(lambda: len(server.journal.packets("StartupProxyCommand")) == 2, "the agent again")
    # An agent that is stopped before it is up leaves an error in the journal.
    _comes(server)


def test_the_next_one_where_the_first_is_gone(
    servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm
) -> None:
    first, second = servers
    _comes(first)
    host = first.up().host
    first.kill()
    _comes(second)
    assert second.up().host is host
    assert second.send(commands.health()).result is True
    second.kill()
    first.start()
    _comes(first)


def test_the_next_one_where_pings_are_not_answered(
    servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consoleproxy.agent.linked._LEAST_PING_ANSWER_SECONDS", 0.5)
    first, second = servers
    _comes(first)
    first.manner = replace(first.manner, unanswered=frozenset({"PingCommand"}))
    _comes(second)


def test_one_to_be_avoided(servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm) -> None:
    first, second = servers
    _comes(first)
    for server in servers:
        server.manner = replace(_MANNER, avoided=(_FIRST,))
    before = len(first.journal.packets("PingCommand"))
    # The one that comes after an answered one has been sent by an agent that knows.
    wait_for(lambda: len(first.journal.packets("PingCommand")) > before + 1, "pings")
    first.disconnect()
    _comes(second)
    second.disconnect()
    _comes_again(second)
    assert len(first.journal.packets("StartupProxyCommand")) == 1


def test_migration(servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm) -> None:
    first, second = servers
    _comes(first)
    order = commands.migrate([_FIRST, _SECOND], [_FIRST], "static")
    assert first.send(order).result is True
    _comes(second)
    (startup,) = second.journal.packets("StartupProxyCommand")
    assert startup.fields["connectionTransferred"] is True
    second.disconnect()
    # It says that there is nobody to avoid.
    _comes_again(first)
    assert not first.journal.packets("StartupProxyCommand")[1].fields["connectionTransferred"]


def test_migration_to_nowhere(
    servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consoleproxy.agent.route._MIGRATE_AFTER_SECONDS", 0.1)
    first, second = servers
    _comes(first)
    second.kill()
    link = first.up()
    assert first.send(commands.migrate([_FIRST, _SECOND], [_FIRST], "static")).result is True
    before = len(first.journal.packets("PingCommand"))
    wait_for(lambda: len(first.journal.packets("PingCommand")) > before + 1, "pings")
    assert first.up() is link


def test_home_again(servers: tuple[ManagementPeer, ManagementPeer], vm: SystemVm) -> None:
    first, second = servers
    for server in servers:
        server.manner = replace(_MANNER, check_interval=1)
    _comes(first)
    first.kill()
    _comes(second)
    first.start()
    _comes(first)
    link = first.up()
    before = len(first.journal.packets("PingCommand"))
    wait_for(lambda: len(first.journal.packets("PingCommand")) > before + 2, "pings")
    assert first.up() is link


def test_the_server_s_list_is_remembered(
    tmp_path: Path, servers: tuple[ManagementPeer, ManagementPeer], agent_files: AgentFiles
) -> None:
    first, second = servers
    first.manner = Manner()
    with running_system_vm(tmp_path, agent_files, kernel_line(first)):
        _comes(first)
        answer = first.send(commands.set_up_servers([_SECOND, _FIRST], [], "roundrobin"))
        assert answer.result is True
        state = json.loads((tmp_path / "agent.json").read_text())
        assert state["servers"] == f"{_SECOND},{_FIRST}@roundrobin"
    second.manner = Manner()
    with running_system_vm(tmp_path, agent_files, kernel_line(first)):
        _comes(second)
        (startup,) = second.journal.packets("StartupProxyCommand")
        assert startup.fields["msHostList"] == f"{_SECOND},{_FIRST}@roundrobin"


def test_of_another_cloud_not_a_byte_is_sent(
    tmp_path: Path, agent_files: AgentFiles, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Authority(tmp_path, "stranger")
    with ManagementPeer(stranger, manner=Manner(strict=False)) as server:
        # Without a certificate of its own, as the stranger would refuse it before.
        (tmp_path / "conf").mkdir()
        (tmp_path / "conf" / "cloud.ca.crt").write_bytes(agent_files.authorities.read_bytes())
        with running_system_vm(tmp_path, agent_files, kernel_line(server)):
            wait_for(lambda: caplog.text.count("neither the cloud's CA") > 1, "two refusals")
        assert server.journal.packets("StartupProxyCommand") == []


def test_a_certificate_for_another_address_is_refused_in_strict_mode(
    tmp_path: Path, cloudstack_authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    files = cloudstack_authority.provision(tmp_path / "given", ["v-2-VM", "192.0.2.9"])
    with ManagementPeer(cloudstack_authority) as server:
        with running_system_vm(tmp_path, files, kernel_line(server)):
            wait_for(lambda: caplog.text.count("CERTIFICATE_UNKNOWN") > 1, "two refusals")
        server.manner = Manner(strict=False)
        with running_system_vm(tmp_path, files, kernel_line(server)):
            server.up()


def test_a_server_that_says_nothing(
    tmp_path: Path,
    servers: tuple[ManagementPeer, ManagementPeer],
    agent_files: AgentFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("consoleproxy.agent.connection._OPENING_SECONDS", 0.3)
    first, second = servers
    first.manner = Manner(deaf=True)
    line = kernel_line(first, host=f"{_FIRST},{_SECOND}")
    with running_system_vm(tmp_path, agent_files, line):
        _comes(second)
