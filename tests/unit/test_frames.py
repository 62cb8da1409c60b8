"""Frames cut anywhere, and every way to break RFC 6455 section 5."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.frames import (
    HEADER_ROOM,
    FrameFault,
    FrameReader,
    Opcode,
    write_header,
)
from tests.wsclient import client_frame

_PAYLOADS = st.one_of(
    st.binary(max_size=20), st.binary(min_size=120, max_size=130), st.just(b"x" * 70_000)
)


def _feed_cut(reader: FrameReader, data: bytes, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return b"".join(reader.feed(data[start:stop]) for start, stop in itertools.pairwise(edges))


@given(
    st.lists(st.tuples(_PAYLOADS, st.binary(min_size=4, max_size=4), st.booleans()), max_size=6),
    st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=8),
)
def test_payload_and_controls_come_out_however_the_stream_is_cut(
    frames: list[tuple[bytes, bytes, bool]], cuts: list[int]
) -> None:
    reader = FrameReader(1 << 20)
    stream = b""
    for payload, mask, ping_before in frames:
        if ping_before:
            stream += client_frame(b"p", Opcode.PING, mask=mask)
        stream += client_frame(payload, mask=mask)
    assert _feed_cut(reader, stream, cuts) == b"".join(payload for payload, _, _ in frames)
    assert len(reader.controls) == sum(ping for _, _, ping in frames)
    assert all(control.payload == b"p" for control in reader.controls)


def test_every_cut_of_a_short_stream() -> None:
    stream = (
        client_frame(b"key")
        + client_frame(b"par", final=False)
        + client_frame(b"hi", Opcode.PING)
        + client_frame(b"ts", Opcode.CONTINUATION)
        + client_frame(b"y" * 200)
    )
    for cut in range(len(stream) + 1):
        reader = FrameReader(1000)
        assert _feed_cut(reader, stream, [cut]) == b"keyparts" + b"y" * 200, cut
        assert [control.opcode for control in reader.controls] == [Opcode.PING]


@pytest.mark.parametrize(
    ("code", "frame"),
    [
        (1002, b"\x82\x01x"),
        (1002, b"\xc2\x80\0\0\0\0"),
        (1002, b"\x83\x80\0\0\0\0"),
        (1002, client_frame(b"x", Opcode.CONTINUATION)),
        (1002, client_frame(b"x", final=False) + client_frame(b"y")),
        (1002, client_frame(b"x", Opcode.PING, final=False)),
        (1002, client_frame(b"x" * 126, Opcode.PING)),
        (1003, client_frame(b"text", Opcode.TEXT)),
        (1009, client_frame(b"x" * 1001)),
        (1009, b"\x82\xff" + struct.pack(">Q", 1 << 40)),
    ],
)
def test_faults_have_their_close_code(code: int, frame: bytes) -> None:
    with pytest.raises(FrameFault) as raised:
        FrameReader(1000).feed(frame)
    assert raised.value.code == code


def test_a_frame_over_the_limit_is_refused_by_its_header_alone() -> None:
    with pytest.raises(FrameFault):
        FrameReader(1000).feed(b"\x82\xfe" + struct.pack(">H", 1001))


@given(st.binary(max_size=400), st.lists(st.integers(min_value=0, max_value=400), max_size=4))
def test_any_bytes_give_payload_or_a_fault_and_little_is_stored(
    data: bytes, cuts: list[int]
) -> None:
    reader = FrameReader(1000)
    try:
        assert len(_feed_cut(reader, data, cuts)) <= len(data)
    except FrameFault as fault:
        assert fault.code in {1002, 1003, 1009}
    assert len(reader._rest) < 2 + 4 + 125 + HEADER_ROOM


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536, 512 * 1024])
def test_header_is_written_right_before_its_payload(length: int) -> None:
    buffer = bytearray(HEADER_ROOM)
    start = write_header(buffer, HEADER_ROOM, length)
    header = bytes(buffer[start:])
    assert header[0] == 0x82
    if length < 126:
        assert header[1:] == bytes([length])
    elif length < 65536:
        assert header[1:] == b"\x7e" + struct.pack(">H", length)
    else:
        assert header[1:] == b"\x7f" + struct.pack(">Q", length)
