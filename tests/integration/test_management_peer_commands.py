"""The management server of the tests behaves as CloudStack's does: commands and their answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles, rsa_key
from tests.integration.fixtures.cloudstack.client import MiniAgent
from tests.integration.fixtures.cloudstack.cloud import SystemVm
from tests.integration.fixtures.cloudstack.exchange import NoAnswerError
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.waiting import wait_for

_CA = "org.apache.cloudstack.ca."
_LB = "org.apache.cloudstack.agent.lb."


@pytest.fixture
def server(management_peer: ManagementPeer) -> ManagementPeer:
    return management_peer


@pytest.fixture
def agent(server: ManagementPeer, mini_agent: MiniAgent) -> MiniAgent:
    mini_agent.join()
    server.up()
    return mini_agent


@contextmanager
def _answering(agent: MiniAgent, **answer: Any) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Answer the next command while the server waits for it."""
    got: list[tuple[str, dict[str, Any]]] = []

    def serve() -> None:
        head, name, fields = agent.read()
        got.append((name, fields))
        agent.answer(head, "", **answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield got
    finally:
        thread.join()


def test_answer_comes_to_who_asked(server: ManagementPeer, agent: MiniAgent) -> None:
    with _answering(agent, name="CheckHealthAnswer"):
        assert server.send(commands.health()).result is True
    assert server.journal.errors == []
    assert server.journal.oddities == []


def test_wrong_class_and_unknown_class_are_errors(server: ManagementPeer, agent: MiniAgent) -> None:
    pending = [server.post(commands.health()) for _ in range(2)]
    head, _, _ = agent.read()
    agent.answer(head, "", name="ReadyAnswer")
    head, _, _ = agent.read()
    agent.answer(head, "", name="NoSuchAnswer")
    assert pending[0].answer(5.0).name.endswith("ReadyAnswer")
    with pytest.raises(NoAnswerError):
        pending[1].answer(0.3)
    wait_for(lambda: len(server.journal.errors) > 1, "both errors")
    assert server.journal.errors == [
        "ReadyAnswer answers CheckHealthCommand",
        "the server has no answer class com.cloud.agent.api.NoSuchAnswer",
    ]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"flags": 0x22}, "FROM_SERVER"),
        ({"server": 1}, "another server's"),
        ({"sequence": 7}, "which nobody sent"),
        ({"fields": {"result": "true"}}, "no boolean"),
    ],
)
def test_response_must_echo(
    server: ManagementPeer, agent: MiniAgent, changes: dict[str, Any], error: str
) -> None:
    pending = server.post(commands.health())
    head, _, _ = agent.read()
    agent.answer(head, "CheckHealthCommand", **changes)
    if "fields" in changes:
        pending.answer(5.0)
    else:
        with pytest.raises(NoAnswerError):
            pending.answer(0.3)
    assert error in wait_for(lambda: server.journal.errors, "the error")[0]


def test_commands_in_sequence_wait_for_each_other(server: ManagementPeer, agent: MiniAgent) -> None:
    first = server.post(commands.maintain())
    second = server.post(commands.maintain())
    third = server.post(commands.health())
    head, name, _ = agent.read()
    assert (head[3], name.rpartition(".")[2]) == (first.packet.sequence, "MaintainCommand")
    later, name, _ = agent.read()
    assert (later[3], name.rpartition(".")[2]) == (third.packet.sequence, "CheckHealthCommand")
    agent.answer(head, "", name="MaintainAnswer")
    assert agent.read()[0][3] == second.packet.sequence


def test_unknown_command_is_answered_as_unsupported(
    server: ManagementPeer, agent: MiniAgent
) -> None:
    with _answering(agent, name="UnsupportedAnswer", fields={"result": False, "details": "no"}):
        answer = server.send(commands.unknown())
    assert (answer.result, answer.details) == (False, "no")
    assert server.journal.errors == []


def test_watch_has_answers_under_one_sequence(server: ManagementPeer, agent: MiniAgent) -> None:
    watch = server.post(commands.watch_load(2, "v-2-VM", "127.0.0.1", interval=1))
    head, _, fields = agent.read()
    assert fields["interval"] == 1
    agent.answer(head, "")
    load = {"name": "ConsoleProxyLoadAnswer", "package": commands.PROXY}
    values = {"proxyVmId": 2, "proxyVmName": "v-2-VM", "details": "{}", "result": True}
    for _ in range(2):
        agent.answer(head, "", **load, fields=values)
    assert watch.answer(5.0, count=3).details == "{}"
    assert server.journal.errors == []


def test_certificate_is_set_up_in_two_steps(server: ManagementPeer, agent: MiniAgent) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "v-2-VM")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    csr = request.sign(rsa_key(3), hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    csr = csr.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
    fields = {"result": True, "csr": csr}
    with _answering(agent, package=_CA, name="SetupKeystoreAnswer", fields=fields):
        answer = server.send(commands.set_up_keystore("0123456789abcdef"))
    names = ["v-2-VM", "127.0.0.1"]
    pem = server.authority.sign_request(answer.fields["csr"], names)
    made = x509.load_pem_x509_certificate(pem.encode())
    assert made.public_key() == rsa_key(3).public_key()
    made.verify_directly_issued_by(server.authority.certificate)
    with _answering(agent, package=_CA, name="SetupCertificateAnswer") as got:
        server.send(commands.set_up_certificate(pem, server.authority.pem))
    assert "privateKey" not in got[0][1]
    assert server.journal.errors == []


def test_renewal_brings_the_key_and_wants_its_own_answer(
    server: ManagementPeer, agent: MiniAgent
) -> None:
    failed = {"result": False, "details": "disk full"}
    with _answering(agent, name="Answer", fields=failed) as got:
        server.renew_certificate(["v-2-VM", "127.0.0.1"])
    fields = got[0][1]
    key = load_pem_private_key(fields["privateKey"].encode(), None)
    certificate = x509.load_pem_x509_certificate(fields["certificate"].encode())
    assert key.public_key() == certificate.public_key()
    assert server.journal.errors == ["Answer answers SetupCertificateCommand"]


@pytest.mark.parametrize(
    ("command", "package", "answer"),
    [
        (commands.set_up_servers, _LB, "SetupMSListAnswer"),
        (commands.migrate, "com.cloud.agent.api.", "MigrateAgentConnectionAnswer"),
    ],
)
def test_host_lists_are_sent(
    server: ManagementPeer,
    agent: MiniAgent,
    command: Callable[..., commands.Command],
    package: str,
    answer: str,
) -> None:
    with _answering(agent, package=package, name=answer) as got:
        server.send(command(["127.0.0.1", "127.0.0.2"], ["127.0.0.1"], "shuffle", 60))
    assert (
        got[0][1].items()
        >= {
            "msList": ["127.0.0.1", "127.0.0.2"],
            "avoidMsList": ["127.0.0.1"],
            "lbAlgorithm": "shuffle",
            "lbCheckInterval": 60,
        }.items()
    )
    assert server.journal.errors == []


def test_servers_to_avoid_come_with_pings(server: ManagementPeer, agent: MiniAgent) -> None:
    server.manner = Manner(avoided=("127.0.0.1",))
    agent.send("PingCommand", {"hostType": "ConsoleProxy", "hostId": 5}, agent=5)
    assert agent.until("PingAnswer")["avoidMsList"] == ["127.0.0.1"]


def test_several_proxies_are_told_apart(
    server: ManagementPeer, agent: MiniAgent, agent_files: AgentFiles
) -> None:
    server.cloud.system_vms.append(SystemVm(3))
    with MiniAgent((server.address, server.port), agent_files) as other:
        values = {"guid": "Proxy.3-ConsoleProxyResource", "name": "v-3-VM", "proxyVmId": 3}
        assert other.join(**values) == 6
        attachments = [server.up(vm=number) for number in (2, 3)]
        assert [one.host.id for one in attachments if one.host] == [5, 6]


def test_host_has_one_connection(
    server: ManagementPeer, agent: MiniAgent, agent_files: AgentFiles
) -> None:
    with MiniAgent((server.address, server.port), agent_files) as again:
        assert again.join() == 5
        with pytest.raises((EOFError, ConnectionResetError)):
            agent.read()
        assert server.up().host is not None
