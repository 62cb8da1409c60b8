import pytest

from consoleproxy.agent import answers, statements
from consoleproxy.agent.conversation import Answered, Asked, Conversation
from consoleproxy.agent.packet import NOBODY, Flag, Packet
from consoleproxy.agent.payload import Entry, entries_of, payload_of
from consoleproxy.agent.requests import CheckHealth, Maintain, Ready
from consoleproxy.errors import AgentLinkBroken

API = "com.cloud.agent.api."
SERVER = 91


def asked(*names: str, flags: int = 0x27) -> bytes:
    payload = payload_of([Entry(API + name, {}) for name in names])
    return Packet(
        flags=Flag(flags), sequence=2**48, management=SERVER, agent=5, via=5, payload=payload
    ).to_bytes()


def answered(sequence: int, name: str = "PingAnswer") -> bytes:
    payload = payload_of([Entry(API + name, {"result": True})])
    return Packet(
        flags=Flag(0x22), sequence=sequence, management=SERVER, agent=5, via=5, payload=payload
    ).to_bytes()


def test_the_first_request_of_an_agent_without_a_number() -> None:
    conversation = Conversation(0)
    sequence, message = conversation.ask(statements.ping(0), in_sequence=True)
    packet = Packet.from_bytes(message)
    assert (sequence, packet.sequence, packet.flags) == (0, 0, Flag(0x05))
    assert (packet.management, packet.agent, packet.via) == (NOBODY, NOBODY, NOBODY)


def test_requests_of_one_with_a_number() -> None:
    conversation = Conversation(0)
    conversation.ask(statements.ping(0))
    conversation.host_id = 5
    sequence, message = conversation.ask(statements.ping(5))
    packet = Packet.from_bytes(message)
    assert (sequence, packet.flags, packet.agent, packet.via) == (1, Flag(0x03), 5, 5)


def test_an_answer_finds_its_request_once() -> None:
    conversation = Conversation(5)
    first, _ = conversation.ask(statements.ping(5))
    second, _ = conversation.ask(statements.ping(5))
    found = conversation.receive(answered(second))
    assert isinstance(found, Answered)
    assert (found.sequence, found.entries[0].name) == (second, API + "PingAnswer")
    assert conversation.receive(answered(second)) is None
    assert conversation.receive(answered(99)) is None
    conversation.give_up(first)
    assert conversation.receive(answered(first)) is None


def test_what_is_told_has_no_answer() -> None:
    conversation = Conversation(5)
    message = conversation.tell(statements.farewell())
    assert conversation.receive(answered(Packet.from_bytes(message).sequence)) is None


def test_commands_are_answered_in_their_order() -> None:
    conversation = Conversation(5)
    found = conversation.receive(asked("CheckHealthCommand", "MaintainCommand"))
    assert isinstance(found, Asked)
    assert found.requests == (CheckHealth(), Maintain())
    packet = Packet.from_bytes(conversation.answer(found, [answers.healthy(), answers.ready()]))
    assert (packet.flags, packet.sequence, packet.management) == (Flag(0x06), 2**48, SERVER)
    names = [entry.name for entry in entries_of(packet.payload)]
    assert names == [API + "CheckHealthAnswer", API + "ReadyAnswer"]


def test_what_follows_a_failure_is_answered_too() -> None:
    conversation = Conversation(5)
    found = conversation.receive(asked("CheckHealthCommand", "MaintainCommand"))
    assert isinstance(found, Asked)
    packet = Packet.from_bytes(conversation.answer(found, [answers.done(result=False)]))
    _, second = entries_of(packet.payload)
    assert second.text("details") == "Stopped by previous failure"
    assert not second.flag("result")


def test_a_refusal_does_not_say_who_sent_it() -> None:
    payload = payload_of([Entry(API + "ReadyCommand", {"_details": "no such zone"})])
    packet = Packet(flags=Flag(0x05), sequence=-1, payload=payload)
    found = Conversation(0).receive(packet.to_bytes())
    assert isinstance(found, Asked)
    (ready,) = found.requests
    assert isinstance(ready, Ready)
    assert ready.refusal == "no such zone"


def test_a_server_that_answers_nothing() -> None:
    conversation = Conversation(5)
    with pytest.raises(AgentLinkBroken, match="wait for an answer"):
        for _ in range(1025):
            conversation.ask(statements.ping(5))


def test_what_is_no_message() -> None:
    with pytest.raises(AgentLinkBroken):
        Conversation(5).receive(b"GET / HTTP/1.1")
