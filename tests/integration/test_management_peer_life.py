"""The management server of the tests behaves as CloudStack's does: from startup to disconnect."""

import socket

import pytest

from tests.integration.fixtures.cloudstack import commands, outbox
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.client import MiniAgent
from tests.integration.fixtures.cloudstack.cloud import Cloud, SystemVm
from tests.integration.fixtures.cloudstack.database import Status
from tests.integration.fixtures.cloudstack.exchange import NoAnswerError
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.waiting import free_port, wait_for


@pytest.fixture
def server(management_peer: ManagementPeer) -> ManagementPeer:
    return management_peer


@pytest.fixture
def agent(mini_agent: MiniAgent) -> MiniAgent:
    return mini_agent


def _ping(agent: MiniAgent, host: int) -> dict[str, object]:
    fields = {"hostType": "ConsoleProxy", "hostId": host, "outOfBand": False}
    agent.send("PingCommand", fields, agent=host)
    return agent.until("PingAnswer")


class TestStartup:
    def test_steps_come_in_their_order(self, server: ManagementPeer, agent: MiniAgent) -> None:
        assert agent.join() == 5
        server.up()
        sent = [
            (event.text, event.packet.flags)
            for event in server.journal.of(Kind.SENT)
            if event.packet
        ]
        assert sent == [
            ("StartupAnswer", 0x24),
            ("StartConsoleProxyAgentHttpHandlerCommand", 0x27),
            ("ReadyCommand", 0x27),
            ("ReadyCommand", 0x27),
        ]
        states = [event.text for event in server.journal.of(Kind.STATUS)]
        assert states == [Status.CONNECTING, Status.UP]
        assert server.journal.errors == []
        assert server.journal.oddities == []

    def test_handler_brings_keys_and_no_keystore_without_tls(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        agent.shake_hands()
        agent.start()
        handler = agent.until("StartConsoleProxyAgentHttpHandlerCommand")
        assert handler["encryptorPassword"] == server.cloud.encryptor_password
        assert handler["isSourceIpCheckEnabled"] is False
        assert "keystoreBits" not in handler

    def test_older_server_sends_one_ready_before_the_handler(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        server.manner = Manner(handler_first=False, ready_twice=False, servers=("127.0.0.1",))
        agent.shake_hands()
        agent.start()
        ready = agent.until("ReadyCommand")
        assert (ready["msHostList"], ready["lbAlgorithm"]) == (["127.0.0.1"], "static")
        agent.until("StartConsoleProxyAgentHttpHandlerCommand")
        server.up()

    def test_host_list_is_sent_only_if_it_differs(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        server.manner = Manner(servers=("127.0.0.1", "127.0.0.2"), algorithm="roundrobin")
        agent.join(msHostList="127.0.0.1,127.0.0.2@roundrobin")
        _, second = server.journal.packets("ReadyCommand", Kind.SENT)
        assert "msHostList" not in second.fields

    def test_messages_of_one_moment_may_leave_in_another_order(
        self, server: ManagementPeer, agent: MiniAgent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A moment of a busy machine.
        monkeypatch.setattr(outbox, "_GATHERED_SECONDS", 0.5)
        server.manner = Manner(shuffles=True)
        agent.shake_hands()
        agent.start()
        names = [agent.read()[1].rpartition(".")[2] for _ in range(2)]
        assert names == ["StartConsoleProxyAgentHttpHandlerCommand", "StartupAnswer"]

    def test_flag_that_is_not_echoed_stalls_the_queue(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        server.manner = Manner(answers_within=0.5)
        agent.shake_hands()
        agent.start()
        agent.read()
        head, name, _ = agent.read()
        agent.answer(head, name.rpartition(".")[2], flags=2)
        with pytest.raises((EOFError, ConnectionResetError)):
            agent.read()  # Ready never comes; the server gives up.
        assert any("queue of this agent stalls" in error for error in server.journal.errors)

    @pytest.mark.parametrize(
        ("manner", "words"),
        [
            (Manner(startup_refusal="no room"), "no room"),
            (Manner(ready_refusal="no such pod"), "no such pod"),
        ],
    )
    def test_server_may_refuse(
        self, server: ManagementPeer, agent: MiniAgent, manner: Manner, words: str
    ) -> None:
        server.manner = manner
        agent.shake_hands()
        agent.start()
        head, _, answer = agent.read()
        if manner.startup_refusal:
            assert (answer["result"], answer["details"]) == (False, words)
            return
        head, _, ready = agent.read()
        assert ready["_details"] == words
        assert (head[2] & 0x20, head[3], head[6]) == (0, -1, -1)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"guid": "Proxy.2"}, "does not end with the resource"),
            ({"dataCenter": "9"}, "is not in this zone and pod"),
            ({"guid": "Proxy.3-ConsoleProxyResource"}, "there is no system VM"),
        ],
    )
    def test_host_must_be_known(
        self, server: ManagementPeer, agent: MiniAgent, change: dict[str, str], error: str
    ) -> None:
        agent.shake_hands()
        agent.start(**change)
        assert error in agent.until("ReadyCommand")["_details"]
        assert any(error in one for one in server.journal.errors)

    def test_wrong_name_gets_no_handler(self, server: ManagementPeer, agent: MiniAgent) -> None:
        agent.join(name="cpvm")
        server.up()
        assert not server.journal.packets("StartConsoleProxyAgentHttpHandlerCommand", Kind.SENT)
        assert server.journal.errors == ["no proxy is called 'cpvm': no HTTP handler"]


class TestPings:
    def test_only_pings_of_the_real_host_keep_it_alive(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        host = agent.join()
        server.up()
        assert _ping(agent, host)["sendStartup"] is False
        assert _ping(agent, 0)["sendStartup"] is False
        # Not before: it counts from then on, however long those took.
        server.manner = Manner(ping_interval=1, ping_timeout=0.5)
        with pytest.raises((EOFError, ConnectionResetError)):
            agent.read()
        assert server.journal.errors == [
            "a ping of host 0, which is 5",
            "behind on ping: disconnected",
        ]
        wait_for(lambda: server.journal.of(Kind.STATUS)[-1].text == "Disconnected", "the status")

    def test_host_that_is_not_up_is_asked_for_another_startup(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        host = agent.join()
        server.up().set_status(Status.DISCONNECTED)
        assert _ping(agent, host)["sendStartup"] is True
        sequence = agent.start()
        answers = [agent.read() for _ in range(2)]
        assert [(head[3], fields["hostId"]) for head, _, fields in answers] == [
            (sequence, 0),
            (sequence, 5),
        ]
        agent.until("ReadyCommand")
        agent.until("ReadyCommand")
        server.up()


class TestEnds:
    def test_shutdown_of_the_agent_is_not_answered(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        host = agent.join()
        server.up()
        agent.send("ShutdownCommand", {"reason": "sig.kill", "removeHost": False}, agent=host)
        with pytest.raises((EOFError, ConnectionResetError)):
            agent.read()
        wait_for(lambda: server.journal.of(Kind.STATUS)[-1].text == "Disconnected", "the status")
        assert server.journal.errors == []

    def test_killed_server_resets_and_comes_back_on_its_port(
        self, server: ManagementPeer, agent: MiniAgent, agent_files: AgentFiles
    ) -> None:
        agent.join()
        waiting = server.post(commands.health())
        server.kill()
        with pytest.raises(NoAnswerError, match="connection ended"):
            waiting.answer(5.0)
        with pytest.raises(ConnectionResetError):
            while True:
                agent.read()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((server.address, server.port))
        server.start()
        with MiniAgent((server.address, server.port), agent_files) as second:
            assert second.join() == 5
        server.kill()
        server.start(forgetful=True)
        assert server.database.hosts == {}

    def test_servers_of_one_cloud_share_a_database_and_a_port(
        self, cloudstack_authority: Authority, agent_files: AgentFiles
    ) -> None:
        cloud, port = Cloud(system_vms=[SystemVm(), SystemVm(3)]), free_port()
        first = ManagementPeer(cloudstack_authority, cloud, port=port)
        second = ManagementPeer(
            cloudstack_authority,
            cloud,
            first.database,
            address="127.0.0.2",
            port=port,
            node=first.node + 1,
        )
        with first, second, MiniAgent(("127.0.0.1", port), agent_files) as agent:
            agent.join()
            with MiniAgent(("127.0.0.2", port), agent_files) as moved:
                assert moved.join() == 5
                second.up()
                wait_for(lambda: not first.attachments, "the first one to let go")
