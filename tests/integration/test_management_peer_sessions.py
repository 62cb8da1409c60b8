"""The management server of the tests behaves as CloudStack's does: consoles and their sessions."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.integration.fixtures.cloudstack.authority import AgentFiles
from tests.integration.fixtures.cloudstack.client import MiniAgent
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import Console, ManagementPeer
from tests.waiting import wait_for

_MACHINE = Machine("6c3e6e7e-0000-4000-8000-000000000077", "10.1.1.20", 5901, "sid=<&>'")


@pytest.fixture
def server(management_peer: ManagementPeer) -> ManagementPeer:
    management_peer.cloud.machines = [_MACHINE]
    return management_peer


@pytest.fixture
def agent(server: ManagementPeer, mini_agent: MiniAgent) -> MiniAgent:
    mini_agent.join()
    server.up()
    return mini_agent


@pytest.fixture
def opened(server: ManagementPeer, agent: MiniAgent) -> Callable[..., Console]:
    """Makes a console while the agent allows its session."""

    def create(**options: Any) -> Console:
        consoles: list[Console] = []
        maker = threading.Thread(
            target=lambda: consoles.append(server.create_console(_MACHINE, **options))
        )
        maker.start()
        agent.until("AllowConsoleAccessCommand")
        maker.join()
        assert consoles[0].allowed
        return consoles[0]

    return create


def _inside(server: ManagementPeer, console: Console) -> dict[str, Any]:
    """Open a token as a proxy would, from the bytes that it has been sent."""
    sealed_token = base64.b64decode(console.token)
    key = hashlib.sha256(server.cloud.key).digest()
    text = AESGCM(key).decrypt(sealed_token[:12], sealed_token[12:], server.cloud.iv)
    fields: dict[str, Any] = json.loads(text)
    return fields


def _question(token: dict[str, Any], **changes: object) -> dict[str, object]:
    return {
        "_host": token["clientHostAddress"],
        "_port": str(token["clientHostPort"]),
        "_vmId": token["clientTag"],
        "_sid": token["clientHostPassword"],
        "_ticket": token["ticket"],
        "sessionUuid": token["sessionUuid"],
        "clientAddress": "198.51.100.7",
        "_isReauthenticating": False,
    } | changes


def _ask(agent: MiniAgent, question: dict[str, object]) -> dict[str, Any]:
    agent.send("ConsoleAccessAuthenticationCommand", question, agent=5)
    return agent.until("ConsoleAccessAuthenticationAnswer")


def _report(agent: MiniAgent, text: str) -> str:
    fields = {"_proxyVmId": 2, "_loadInfo": text}
    agent.send("ConsoleProxyLoadReportCommand", fields, agent=5)
    return agent.read()[1].rpartition(".")[2]


class TestAuthentication:
    def test_viewer_is_let_in_once(
        self, server: ManagementPeer, agent: MiniAgent, opened: Callable[..., Console]
    ) -> None:
        console = opened()
        question = _question(_inside(server, console))
        answer = _ask(agent, question)
        assert (answer["_success"], answer["_port"], answer["result"]) == (True, 0, True)
        row = server.database.sessions[console.session]
        assert row.acquired is not None
        assert row.client_address == "198.51.100.7"
        again = _ask(agent, question)
        assert (again["_success"], again["result"]) == (False, True)
        decided = [event.text for event in server.journal.of(Kind.DECIDED)]
        assert decided == ["allowed", "Invalid session, only one session allowed per token"]
        assert server.journal.errors == []

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"_ticket": ""}, "no ticket"),
            ({"sessionUuid": "x"}, "Invalid session, only one session allowed per token"),
            ({"_host": "10.1.1.21"}, "Access ticket expired or has been modified"),
            ({"_port": "5902"}, "Access ticket expired or has been modified"),
        ],
    )
    def test_viewer_is_refused_for_the_first_reason(
        self,
        server: ManagementPeer,
        agent: MiniAgent,
        opened: Callable[..., Console],
        change: dict[str, object],
        reason: str,
    ) -> None:
        question = _question(_inside(server, opened()), **change)
        assert _ask(agent, question)["_success"] is False
        assert server.journal.of(Kind.DECIDED)[-1].text == reason

    @pytest.mark.parametrize(("seconds", "allowed"), [(60, True), (120, False)])
    def test_ticket_is_good_for_this_and_the_next_minute(
        self,
        server: ManagementPeer,
        agent: MiniAgent,
        opened: Callable[..., Console],
        seconds: int,
        allowed: bool,
    ) -> None:
        now = datetime.now(UTC)
        server.cloud.now = lambda: now
        console = opened(when=now - timedelta(seconds=seconds))
        assert _ask(agent, _question(_inside(server, console)))["_success"] is allowed

    @pytest.mark.parametrize(
        ("machines", "reason"),
        [
            ([], "there is no such VM"),
            ([Machine(_MACHINE.uuid, "10.1.1.20", 5901, "x", host="")], "the VM has no host"),
            ([Machine(_MACHINE.uuid, "10.1.1.20", 5901, "x")], "sid in url does not match"),
        ],
    )
    def test_vm_is_looked_at_last(
        self,
        server: ManagementPeer,
        agent: MiniAgent,
        opened: Callable[..., Console],
        machines: list[Machine],
        reason: str,
    ) -> None:
        console = opened()
        server.cloud.machines = machines
        assert _ask(agent, _question(_inside(server, console)))["_success"] is False
        assert server.journal.of(Kind.DECIDED)[-1].text.startswith(reason)

    def test_moved_vm_is_followed(
        self, server: ManagementPeer, agent: MiniAgent, opened: Callable[..., Console]
    ) -> None:
        token = _inside(server, opened())
        assert _ask(agent, _question(token))["_success"] is True
        moved = Machine(_MACHINE.uuid, "10.1.1.30", 5907, _MACHINE.password)
        server.cloud.machines = [moved]
        answer = _ask(agent, _question(token, _isReauthenticating=True))
        assert answer["_success"] is answer["_isReauthenticating"] is True
        assert (answer["_host"], answer["_port"]) == ("10.1.1.30", 5907)

    def test_question_may_stay_without_an_answer(
        self, server: ManagementPeer, agent: MiniAgent, opened: Callable[..., Console]
    ) -> None:
        question = _question(_inside(server, opened()))
        server.manner = Manner(unanswered=frozenset({"ConsoleAccessAuthenticationCommand"}))
        agent.send("ConsoleAccessAuthenticationCommand", question, agent=5)
        wait_for(lambda: server.journal.of(Kind.DROPPED), "the question to be lost")
        assert not server.journal.packets("ConsoleAccessAuthenticationAnswer", Kind.SENT)


class TestLoadReports:
    def test_report_is_kept_and_ends_sessions(
        self, server: ManagementPeer, agent: MiniAgent, opened: Callable[..., Console]
    ) -> None:
        console = opened()
        one = {
            "id": 1,
            "clientInfo": "",
            "host": "10.1.1.20",
            "port": 5901,
            "tag": _MACHINE.uuid,
            "createTime": 1,
            "lastUsedTime": 2,
            "sessionUuid": console.session,
        }
        assert _report(agent, json.dumps({"connections": [one]}, indent=2)) == "AgentControlAnswer"
        assert server.database.active_sessions == {2: 1}
        ended = json.dumps({"connections": [], "removedSessions": [console.session]})
        assert _report(agent, ended) == "AgentControlAnswer"
        assert server.database.sessions[console.session].removed is not None
        assert server.database.active_sessions == {2: 0}
        assert server.journal.errors == []

    def test_second_and_unknown_removal_lose_the_report(
        self, server: ManagementPeer, agent: MiniAgent, opened: Callable[..., Console]
    ) -> None:
        session = opened().session
        ended = json.dumps({"connections": [], "removedSessions": [session]})
        assert [_report(agent, ended) for _ in range(2)] == ["AgentControlAnswer", "Answer"]
        unknown = json.dumps({"connections": [], "removedSessions": ["x"]})
        assert _report(agent, unknown) == "Answer"
        assert server.journal.errors == [
            f"load report lost: session {session} is removed a second time",
            "load report lost: session x is removed, but unknown",
        ]
        assert len(server.database.reports) == 1

    @pytest.mark.parametrize(
        ("forgetful", "answer"), [(False, "AgentControlAnswer"), (True, "Answer")]
    )
    def test_session_of_before_a_restart_can_end_after_it(
        self,
        server: ManagementPeer,
        agent: MiniAgent,
        agent_files: AgentFiles,
        opened: Callable[..., Console],
        forgetful: bool,
        answer: str,
    ) -> None:
        session = opened().session
        server.kill()
        server.start(forgetful=forgetful)
        with MiniAgent((server.address, server.port), agent_files) as again:
            again.join()
            server.up()
            ended = json.dumps({"connections": [], "removedSessions": [session]})
            assert _report(again, ended) == answer
        assert bool(server.database.sessions) is not forgetful

    def test_report_that_is_no_json_counts_nothing(
        self, server: ManagementPeer, agent: MiniAgent
    ) -> None:
        assert _report(agent, "{") == "AgentControlAnswer"
        assert server.database.active_sessions == {2: 0}
        assert "no JSON" in server.journal.errors[0]
