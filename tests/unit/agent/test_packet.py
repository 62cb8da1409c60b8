import gzip
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.packet import NOBODY, PAYLOAD_LIMIT_BYTES, Flag, Packet
from consoleproxy.errors import AgentLinkBroken

_HEADER = ">BBHqiqqq"
_LONG = st.integers(-(2**63), 2**63 - 1)
PACKETS = st.builds(
    Packet,
    flags=st.sampled_from([Flag(0), Flag(0x05), Flag(0x27), Flag(0x66)]),
    sequence=_LONG,
    management=_LONG,
    agent=_LONG,
    via=_LONG,
    payload=st.binary(max_size=300) | st.binary(min_size=8190, max_size=8194),
)


def message(payload: bytes, *, flags: int = 0x27, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    return struct.pack(_HEADER, 0, 0, flags, 7, size, 91, 5, 5) + payload


def test_the_header_of_a_first_request() -> None:
    startup = Packet(flags=Flag.REQUEST | Flag.IN_SEQUENCE, sequence=0, payload=b"[]")
    assert startup.to_bytes() == (
        bytes.fromhex("00000005" + "00" * 8 + "00000002" + "ff" * 24) + b"[]"
    )


@given(PACKETS)
def test_what_is_sent_is_what_arrives(packet: Packet) -> None:
    assert Packet.from_bytes(packet.to_bytes()) == packet


def test_long_payloads_are_compressed() -> None:
    packet = Packet(flags=Flag.REQUEST, sequence=1, payload=b"x" * 8192)
    sent = packet.to_bytes()
    assert struct.unpack_from(_HEADER, sent)[2:5] == (0x81, 1, 8192)
    assert gzip.decompress(sent[40:]) == packet.payload


def test_an_answer_has_what_the_server_looks_for() -> None:
    request = Packet.from_bytes(message(b"[]", flags=0x27))
    answer = request.answer(b"[1]")
    assert request.is_request
    assert not answer.is_request
    assert (answer.flags, answer.sequence) == (Flag(0x06), 7)
    assert (answer.management, answer.agent, answer.via) == (91, 5, 5)
    assert NOBODY == -1


def test_the_length_of_an_uncompressed_payload_does_not_matter() -> None:
    assert Packet.from_bytes(message(b"[]", length=99)).payload == b"[]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(39),
        b"\x01" + bytes(39),
        message(b"no gzip", flags=0xA7),
        message(gzip.compress(b"abc"), flags=0xA7, length=2),
        message(gzip.compress(b"abc"), flags=0xA7, length=4),
        message(gzip.compress(b"abc")[:-1], flags=0xA7, length=3),
        message(gzip.compress(b"abc"), flags=0xA7, length=-1),
        message(gzip.compress(b"abc"), flags=0xA7, length=PAYLOAD_LIMIT_BYTES + 1),
        message(bytes(PAYLOAD_LIMIT_BYTES + 1)),
    ],
    # Compressed bytes have the time in them.
    ids=range(10),
)
def test_what_is_no_packet(data: bytes) -> None:
    with pytest.raises(AgentLinkBroken):
        Packet.from_bytes(data)


def test_a_bomb_is_not_inflated() -> None:
    bomb = gzip.compress(bytes(20_000_000))
    with pytest.raises(AgentLinkBroken, match="another length"):
        Packet.from_bytes(message(bomb, flags=0xA7, length=1000))


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    try:
        packet = Packet.from_bytes(data)
    except AgentLinkBroken:
        return
    assert packet.payload == data[40:] or Flag.COMPRESSED in Flag(data[3])


def test_payloads_are_not_in_a_log() -> None:
    assert "s3cret" not in repr(Packet(flags=Flag(0), sequence=1, payload=b"s3cret"))
