"""The management server of the tests reads and writes packets as recorded."""

import json

import pytest

from tests.integration.fixtures.cloudstack.link import FOLLOWING, MAX_FRAME
from tests.integration.fixtures.cloudstack.wire import (
    BadPacketError,
    Flag,
    Packet,
    decode,
    encode,
    gson,
    signed,
)
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


@pytest.mark.parametrize("vector", PACKETS, ids=lambda vector: vector.name)
def test_packet_is_read_and_written(vector: PacketVector) -> None:
    packet = decode(vector.data)
    ids = (packet.sequence, packet.server, packet.agent, packet.via)
    assert packet.flags == vector.flags
    assert ids == (vector.sequence, vector.server, vector.agent, vector.via)
    assert packet.length == vector.length
    assert [{name: fields} for name, fields in packet.body] == vector.body
    written = encode(packet)
    assert written[:8] == vector.data[:8]
    assert decode(written).body == packet.body


@pytest.mark.parametrize("vector", LOST, ids=lambda vector: vector.name)
def test_message_is_lost(vector: LostVector) -> None:
    with pytest.raises(BadPacketError):
        decode(vector.data)


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector.name)
def test_frame_header_means_what_is_recorded(vector: FrameVector) -> None:
    number = int.from_bytes(vector.header, "big")
    if vector.accepted:
        assert number & 0xFFFF == vector.size
        assert bool(number & FOLLOWING) is vector.following
    assert vector.accepted == (number & 0xFFFF <= MAX_FRAME and not number >> 17)


@pytest.mark.parametrize("vector", BODIES, ids=lambda vector: vector.name)
def test_payload_is_read(vector: BodyVector) -> None:
    head = PACKETS[0].data[:40]
    ((name, fields),) = decode(head + vector.text.encode()).body
    assert name.rpartition(".")[2] == vector.name
    assert json.loads(gson(fields)) == fields


@pytest.mark.parametrize(("data", "text"), SIGNED_BYTES)
def test_bytes_are_signed_numbers(data: bytes, text: str) -> None:
    assert gson(signed(data)) == text


def test_json_is_html_safe_and_keeps_other_letters() -> None:
    text = gson({"a": "<ä>&='\u2028"})
    assert text == '{"a":"\\u003cä\\u003e\\u0026\\u003d\\u0027\\u2028"}'


@pytest.mark.parametrize(("size", "compressed"), [(8191, False), (8192, True)])
def test_compression_begins_at_8192_bytes(size: int, compressed: bool) -> None:
    around = len(gson([{"x": {"a": ""}}]))
    body = (("x", {"a": "b" * (size - around)}),)
    written = encode(Packet(Flag.REQUEST, 0, -1, -1, -1, body))
    assert bool(written[3] & Flag.COMPRESSED) is compressed
    assert decode(written).length == size
