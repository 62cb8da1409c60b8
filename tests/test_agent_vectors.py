"""The codec and the vocabulary against bytes and texts that no code of this project has made."""

import json

import pytest

from consoleproxy.agent import answers, statements
from consoleproxy.agent.identity import Identity, Interface
from consoleproxy.agent.link import Frame, FrameReader
from consoleproxy.agent.packet import Flag, Packet
from consoleproxy.agent.payload import Entry, entries_of, payload_of
from consoleproxy.agent.requests import Unreadable, Unsupported, request_of
from consoleproxy.agent.statements import Authentication, Pinged, Started, Verdict
from consoleproxy.errors import AgentLinkBroken
from tests.unit.agent_vectors import (
    BODIES,
    FRAMES,
    LOST,
    PACKETS,
    SIGNED_BYTES,
    BodyVector,
    FrameVector,
    LostVector,
    PacketVector,
)

COMMANDS = [one for one in BODIES if one.meaning == "command of the server"]
IDENTITY = Identity(
    zone="1",
    pod="1",
    guid="Proxy.2",
    name="v-2-VM",
    proxy_vm_id=2,
    version="4.20.1.0",
    public=Interface(address="203.0.113.9"),
    private=Interface(address="10.1.1.9", netmask="255.255.255.0", mac="1e:00:aa:00:00:01"),
    architecture="x86_64",
)
QUESTION = Authentication(
    host="10.1.1.20",
    port="5901",
    vm_uuid="6c3e6e7e-...",
    password="vncpass",
    ticket="dGlja2V0PQ==",
    session_uuid="sess-uuid",
    client_address="198.51.100.7",
    reauthenticating=False,
)
SAID = {
    "StartupProxyCommand": statements.startup(
        IDENTITY, 0, "10.1.1.1,10.1.1.2@static", transferred=False
    ),
    "PingCommand": statements.ping(5),
    "ConsoleProxyLoadReportCommand": statements.load(2, '{"connections":[],"removedSessions":[]}'),
    "ConsoleAccessAuthenticationCommand": statements.authentication(QUESTION),
    "ReadyAnswer": answers.ready(),
    "CheckHealthAnswer": answers.healthy(),
    "ConsoleProxyLoadAnswer": answers.load(2, "v-2-VM", "{}\n"),
    "SetupKeystoreAnswer": answers.certificate_request(
        "-----BEGIN NEW CERTIFICATE REQUEST-----\n..."
    ),
    "SetupCertificateAnswer": answers.certificate_taken(result=True),
    "SetupMSListAnswer": answers.servers_taken(),
    "MaintainAnswer": answers.maintained(),
    "Answer": answers.done(result=False, details="reason"),
    "UnsupportedAnswer": answers.unsupported("..."),
}


def _short(vector: BodyVector) -> str:
    return vector.class_name.rpartition(".")[2]


@pytest.mark.parametrize("vector", PACKETS, ids=lambda one: one.name)
def test_packets_are_read(vector: PacketVector) -> None:
    packet = Packet.from_bytes(vector.data)
    assert packet.flags == Flag(vector.flags & ~Flag.COMPRESSED)
    assert (packet.sequence, packet.management) == (vector.sequence, vector.server)
    assert (packet.agent, packet.via) == (vector.agent, vector.via)
    found = [{entry.name: dict(entry.fields)} for entry in entries_of(packet.payload)]
    assert found == vector.body


@pytest.mark.parametrize("vector", PACKETS, ids=lambda one: one.name)
def test_packets_are_written(vector: PacketVector) -> None:
    packet = Packet.from_bytes(vector.data)
    written = packet.to_bytes()
    if Flag.COMPRESSED in Flag(vector.flags):
        # Not every gzip is the same.
        assert written[:40] == vector.data[:40]
        assert Packet.from_bytes(written) == packet
    else:
        assert written == vector.data


@pytest.mark.parametrize("vector", LOST, ids=lambda one: one.name)
def test_messages_that_are_none(vector: LostVector) -> None:
    with pytest.raises(AgentLinkBroken):
        entries_of(Packet.from_bytes(vector.data).payload)


@pytest.mark.parametrize("vector", FRAMES, ids=lambda one: one.name)
def test_frames(vector: FrameVector) -> None:
    body = bytes(vector.size or 0)
    if not vector.accepted:
        with pytest.raises(AgentLinkBroken):
            list(FrameReader().feed(vector.header + body))
        return
    frame = Frame(body, following=vector.following)
    assert list(FrameReader().feed(vector.header + body)) == [frame]
    assert frame.to_bytes() == vector.header + body


@pytest.mark.parametrize(("data", "text"), SIGNED_BYTES)
def test_signed_bytes(data: bytes, text: str) -> None:
    assert Entry("x", {"keystoreBits": json.loads(text)}).octets("keystoreBits") == data


@pytest.mark.parametrize("vector", COMMANDS, ids=lambda one: one.class_name)
def test_every_command_is_known(vector: BodyVector) -> None:
    (entry,) = entries_of(vector.text.encode())
    assert not isinstance(request_of(entry), Unsupported | Unreadable)


@pytest.mark.parametrize("name", SAID)
def test_what_the_agent_says_has_the_fields_of_the_vector(name: str) -> None:
    (vector,) = [one for one in BODIES if _short(one) == name]
    ((class_name, fields),) = json.loads(payload_of([SAID[name]]))[0].items()
    assert class_name == vector.class_name
    assert {key: fields[key] for key in vector.fields} == vector.fields


def test_nothing_that_an_agent_says_is_left_out() -> None:
    meant = {_short(one) for one in BODIES if "of the agent" in one.meaning}
    assert meant == set(SAID)


def test_answers_of_the_server() -> None:
    def read(name: str) -> Entry:
        (vector,) = [one for one in BODIES if _short(one) == name]
        return entries_of(vector.text.encode())[0]

    assert Started.of(read("StartupAnswer")) == Started("", 0, 60)
    assert Pinged.of(read("PingAnswer")) == Pinged(False, ())
    assert Verdict.of(read("ConsoleAccessAuthenticationAnswer")).allowed
    (denied,) = [one for one in PACKETS if one.name == "authentication denied"]
    assert not Verdict.of(entries_of(Packet.from_bytes(denied.data).payload)[0]).allowed
