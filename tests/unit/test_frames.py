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
    masked_frame,
    write_header,
)
from tests.wsclient import client_frame

_PAYLOADS = st.one_of(
    st.binary(max_size=20), st.binary(min_size=120, max_size=130), st.just(b"x" * 70_000)
)

_KEYS = st.binary(min_size=4, max_size=4)


def _server_frame(payload: bytes, opcode: Opcode = Opcode.BINARY, *, final: bool = True) -> bytes:
    """Return the client's frame without its mask."""
    masked = client_frame(payload, opcode, final=final, mask=bytes(4))
    size = len(masked) - len(payload) - 4
    return bytes((masked[0], masked[1] & 0x7F)) + masked[2:size] + payload


def _feed_cut(reader: FrameReader, data: bytes, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return b"".join(reader.feed(data[start:stop]) for start, stop in itertools.pairwise(edges))


@given(
    st.lists(st.tuples(_PAYLOADS, _KEYS, st.booleans()), max_size=6),
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


@given(
    st.lists(st.tuples(_PAYLOADS, st.booleans(), st.booleans()), max_size=6),
    st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=8),
    st.sampled_from([Opcode.TEXT, Opcode.BINARY]),
)
def test_a_server_s_frames_are_the_same_without_masks(
    frames: list[tuple[bytes, bool, bool]], cuts: list[int], kind: Opcode
) -> None:
    reader = FrameReader((1 << 63) - 1, masked=False, kind=kind)
    stream = b""
    for payload, ping_before, fragmented in frames:
        if ping_before:
            stream += _server_frame(b"p", Opcode.PING)
        if fragmented:
            half = len(payload) // 2
            stream += _server_frame(payload[:half], kind, final=False)
            stream += _server_frame(b"p", Opcode.PING)
            stream += _server_frame(payload[half:], Opcode.CONTINUATION)
        else:
            stream += _server_frame(payload, kind)
    assert _feed_cut(reader, stream, cuts) == b"".join(payload for payload, _, _ in frames)
    assert len(reader.controls) == sum(before + inside for _, before, inside in frames)


@pytest.mark.parametrize("kind", [Opcode.TEXT, Opcode.BINARY])
@pytest.mark.parametrize(
    ("code", "frame"),
    [
        (1002, client_frame(b"x")),
        (1002, client_frame(b"", Opcode.PING)),
        (1002, b"\xc2\x00"),
        (1002, b"\x83\x00"),
        (1002, _server_frame(b"x", Opcode.CONTINUATION)),
        (1002, _server_frame(b"x", Opcode.PING, final=False)),
        (1002, _server_frame(b"x" * 126, Opcode.CLOSE)),
        (1009, b"\x82\x7f" + struct.pack(">Q", 1 << 63)),
    ],
)
def test_faults_of_a_server(code: int, frame: bytes, kind: Opcode) -> None:
    if frame[0] & 0x0F == Opcode.BINARY:
        frame = bytes((frame[0] & 0xF0 | kind,)) + frame[1:]
    with pytest.raises(FrameFault) as raised:
        FrameReader((1 << 63) - 1, masked=False, kind=kind).feed(frame)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("kind", "other"), [(Opcode.TEXT, Opcode.BINARY), (Opcode.BINARY, Opcode.TEXT)]
)
def test_only_the_agreed_kind_of_frame(kind: Opcode, other: Opcode) -> None:
    reader = FrameReader(1000, masked=False, kind=kind)
    with pytest.raises(FrameFault, match=f"takes {kind.name.lower()} frames") as raised:
        reader.feed(_server_frame(b"x", other))
    assert raised.value.code == 1003


@pytest.mark.parametrize("masked", [True, False])
def test_what_comes_behind_a_close_frame_is_dropped(masked: bool) -> None:
    frame = client_frame if masked else _server_frame
    reader = FrameReader(1000, masked=masked)
    assert reader.feed(frame(b"a") + frame(b"", Opcode.CLOSE) + frame(b"b") + b"\xff\xff") == b"a"
    assert [control.opcode for control in reader.controls] == [Opcode.CLOSE]
    assert reader._rest == b""


@given(
    st.binary(max_size=400),
    st.lists(st.integers(min_value=0, max_value=400), max_size=4),
    st.booleans(),
)
def test_any_bytes_give_payload_or_a_fault_and_little_is_stored(
    data: bytes, cuts: list[int], masked: bool
) -> None:
    reader = FrameReader(1000, masked=masked)
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


@given(_PAYLOADS, _KEYS, st.sampled_from(Opcode))
def test_a_masked_frame_is_a_browser_s(payload: bytes, key: bytes, opcode: Opcode) -> None:
    assert masked_frame(opcode, payload, key) == client_frame(payload, opcode, mask=key)


@given(st.lists(st.tuples(_PAYLOADS, _KEYS), max_size=5))
def test_masked_frames_are_read_by_the_other_side(frames: list[tuple[bytes, bytes]]) -> None:
    stream = b"".join(masked_frame(Opcode.BINARY, payload, key) for payload, key in frames)
    assert FrameReader(1 << 20).feed(stream) == b"".join(payload for payload, _ in frames)


@given(
    st.lists(_PAYLOADS, max_size=3),
    st.lists(_PAYLOADS, max_size=3),
    st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=8),
)
def test_behind_an_empty_text_frame_a_new_stream_begins(
    old: list[bytes], new: list[bytes], cuts: list[int]
) -> None:
    reader = FrameReader(1 << 20)
    reader.drop_until_text()
    stream = [client_frame(payload) for payload in old]
    stream += [client_frame(b"", Opcode.TEXT), client_frame(b"", Opcode.PING)]
    stream += [client_frame(payload) for payload in new]
    assert _feed_cut(reader, b"".join(stream), cuts) == b"".join(new)
    assert [control.opcode for control in reader.controls] == [Opcode.PING]
    with pytest.raises(FrameFault):
        reader.feed(client_frame(b"", Opcode.TEXT))


@pytest.mark.parametrize(
    "frame", [client_frame(b"x", Opcode.TEXT), client_frame(b"", Opcode.TEXT, final=False)]
)
def test_no_other_text_begins_a_new_stream(frame: bytes) -> None:
    reader = FrameReader(1 << 20)
    reader.drop_until_text()
    with pytest.raises(FrameFault) as caught:
        reader.feed(frame)
    assert caught.value.code == 1003


@given(
    st.lists(st.tuples(_PAYLOADS, _KEYS, st.binary(max_size=9), st.booleans()), max_size=6),
    st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=8),
    st.booleans(),
)
def test_words_beside_the_stream_change_none_of_it_however_it_is_cut(
    frames: list[tuple[bytes, bytes, bytes, bool]], cuts: list[int], renewed: bool
) -> None:
    """They are heard also while the old stream's data is dropped."""
    reader = FrameReader(1 << 20, words=9)
    stream, words, expected = [], [], []
    for payload, mask, word, fragmented in frames:
        if word:
            stream.append(client_frame(word, Opcode.TEXT, mask=mask))
            words.append(word)
        half = len(payload) // 2 if fragmented else len(payload)
        stream.append(client_frame(payload[:half], mask=mask, final=not fragmented))
        if fragmented:
            stream.append(client_frame(payload[half:], Opcode.CONTINUATION, mask=mask))
        expected.append(payload)
    if renewed:
        reader.drop_until_text()
        stream += [client_frame(b"", Opcode.TEXT), client_frame(b"new")]
        expected = [b"new"]
    assert _feed_cut(reader, b"".join(stream), cuts) == b"".join(expected)
    assert [control.payload for control in reader.controls] == words


@pytest.mark.parametrize("dropping", [False, True])
@pytest.mark.parametrize(
    ("code", "frame"),
    [
        (1003, client_frame(b"x" * 10, Opcode.TEXT)),
        (1003, client_frame(b"x", Opcode.TEXT, final=False)),
        (1003, client_frame(b"", Opcode.TEXT, final=False)),
        (1002, client_frame(b"x", final=False) + client_frame(b"y", Opcode.TEXT)),
    ],
)
def test_words_that_are_too_long_or_not_whole(code: int, frame: bytes, dropping: bool) -> None:
    reader = FrameReader(1 << 20, words=9)
    if dropping:
        reader.drop_until_text()
    with pytest.raises(FrameFault) as caught:
        reader.feed(frame)
    assert caught.value.code == code


def test_an_empty_word_is_none() -> None:
    with pytest.raises(FrameFault):
        FrameReader(1 << 20, words=9).feed(client_frame(b"", Opcode.TEXT))
