"""The engine against websockify's own class, byte for byte."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockify.websocket import WebSocket, WebSocketWantReadError

from consoleproxy.frames import Opcode
from consoleproxy.relay.websocket import Answer, BrowserWebSocket
from tests.wsclient import client_frame, close_frame

_HEADERS = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


class _Memory:
    """A socket of two byte strings, as websockify's class needs it."""

    def __init__(self) -> None:
        self.received = b""
        self.sent = b""

    def recv(self, limit: int) -> bytes:
        if not self.received:
            raise BlockingIOError(11, "not now")
        data, self.received = self.received[:limit], self.received[limit:]
        return data

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def close(self) -> None:
        """Nothing to close."""


def _peer_feed(peer: Any, memory: _Memory, data: bytes) -> bytes:
    memory.received += data
    payload = b""
    try:
        while (message := peer.recvmsg()) is not None:
            payload += message
    except WebSocketWantReadError:
        pass
    return payload


_FRAMES = st.one_of(
    st.binary(max_size=300).map(client_frame),
    st.binary(max_size=100).map(lambda data: client_frame(data, Opcode.PING)),
    st.binary(max_size=100).map(lambda data: client_frame(data, Opcode.PONG)),
    st.tuples(st.binary(min_size=1, max_size=50), st.binary(max_size=50)).map(
        lambda parts: (
            client_frame(parts[0], final=False) + client_frame(parts[1], Opcode.CONTINUATION)
        )
    ),
)


@settings(max_examples=150)
@given(st.lists(_FRAMES, max_size=8), st.booleans(), st.data())
def test_same_payload_and_same_answers_as_websockify(
    frames: list[bytes], with_close: bool, data: st.DataObject
) -> None:
    ours = BrowserWebSocket()
    ours.open(_HEADERS)
    memory = _Memory()
    peer: Any = WebSocket()
    peer.accept(memory, {"upgrade": "websocket", "Sec-WebSocket-Version": "13", **_HEADERS})
    assert ours.take_output() == memory.sent
    memory.sent = b""
    stream = b"".join(frames) + (close_frame(1000, b"bye") if with_close else b"")
    payload = expected = b""
    while stream:
        cut = data.draw(st.integers(min_value=1, max_value=len(stream)))
        piece, stream = stream[:cut], stream[cut:]
        expected += _peer_feed(peer, memory, piece)
        payload += ours.feed(piece)
        # Of several pings in one piece ours answers the last: RFC 6455 section 5.5.3 allows it.
        answers = ours.take_output()
        assert memory.sent.endswith(answers)
        assert bool(answers) == bool(memory.sent)
        memory.sent = b""
    assert payload == expected


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (None, None),
        ("binary", "binary"),
        ("base64, binary", "binary"),
        ("binary,base64", "binary"),
        ("chat", None),
    ],
)
def test_binary_is_agreed_on_if_offered_and_nothing_else(
    offer: str | None, agreed: str | None
) -> None:
    engine = BrowserWebSocket()
    engine.open(_HEADERS | ({"Sec-WebSocket-Protocol": offer} if offer else {}))
    answer = engine.take_output().decode()
    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert ("Sec-WebSocket-Protocol: binary\r\n" in answer) == (agreed == "binary")
    assert answer.count("Sec-WebSocket-Protocol") == (1 if agreed else 0)


def test_another_subprotocol_is_agreed_on_where_it_was_chosen() -> None:
    engine = BrowserWebSocket()
    engine.open(
        _HEADERS | {"Sec-WebSocket-Protocol": "opening.AAAA, binary"}, Answer("opening.AAAA")
    )
    assert "Sec-WebSocket-Protocol: opening.AAAA\r\n" in engine.take_output().decode()


def test_cookies_are_set_with_the_answer_and_a_pong_tells_that_they_have_come() -> None:
    engine, pongs = BrowserWebSocket(), list[int]()
    engine.ponged = lambda: pongs.append(1)
    engine.open(_HEADERS, Answer(set_cookies=("a=1; HttpOnly", "b=; Max-Age=0")))
    head, _, frames = engine.take_output().decode("latin-1").partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[-2:] == ["Set-Cookie: a=1; HttpOnly", "Set-Cookie: b=; Max-Age=0"]
    assert frames == "\x89\x00", "a ping"
    engine.feed(client_frame(b"data"))
    assert pongs == []
    engine.feed(client_frame(b"", Opcode.PONG))
    assert pongs == [1]


def test_who_is_given_no_cookie_is_not_pinged() -> None:
    engine = BrowserWebSocket()
    engine.open(_HEADERS)
    answer = engine.take_output()
    assert answer.endswith(b"\r\n\r\n")
    assert b"Cookie" not in answer
    engine.feed(client_frame(b"", Opcode.PONG))


def _opened() -> BrowserWebSocket:
    engine = BrowserWebSocket(frame_limit=1000)
    engine.open(_HEADERS)
    engine.take_output()
    return engine


def test_a_fault_closes_and_silences() -> None:
    engine = _opened()
    assert engine.feed(client_frame(b"x" * 1001)) == b""
    assert engine.fault is not None
    output = engine.take_output()
    assert output[0] == 0x88
    assert struct.unpack(">H", output[2:4])[0] == 1009
    assert engine.feed(client_frame(b"more") + client_frame(b"", Opcode.PING)) == b""
    assert engine.take_output() == b""


def test_a_close_is_echoed_once() -> None:
    engine = _opened()
    assert engine.feed(client_frame(b"last") + close_frame(1000)) == b"last"
    assert engine.close_received
    assert engine.take_output() == b"\x88\x02" + struct.pack(">H", 1000)
    engine.close_with(1001, "late")
    assert engine.take_output() == b""


def test_pongs_do_not_pile_up() -> None:
    engine = _opened()
    engine.feed(b"".join(client_frame(b"%d" % number, Opcode.PING) for number in range(500)))
    assert engine.take_output() == b"\x8a\x03499"


def test_a_long_reason_is_cut_between_letters() -> None:
    engine = _opened()
    engine.close_with(4502, "ü" * 200)
    output = engine.take_output()
    assert output[1] <= 125
    assert output[4:].decode() == "ü" * 61


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _echoing(clock: _Clock) -> BrowserWebSocket:
    engine = BrowserWebSocket(echoes=True, clock=clock)
    engine.open(_HEADERS)
    engine.take_output()
    return engine


def _echo(number: int) -> bytes:
    return client_frame(b"echo %d" % number, Opcode.TEXT)


def test_an_echo_comes_back_and_is_no_payload() -> None:
    engine = _echoing(_Clock())
    assert engine.feed(client_frame(b"ke") + _echo(17) + client_frame(b"ys")) == b"keys"
    assert engine.has_output
    assert engine.take_output() == b"\x81\x07echo 17"
    assert not engine.has_output
    assert engine.take_output() == b""


def test_echoes_are_bounded_in_time_and_do_not_pile_up() -> None:
    clock = _Clock()
    engine = _echoing(clock)
    assert engine.feed(b"".join(map(_echo, range(500)))) == b""
    assert engine.take_output() == b"\x81\x08echo 499"
    clock.now = 0.09
    engine.feed(_echo(500))
    assert engine.take_output() == b""
    clock.now = 0.1
    engine.feed(_echo(501))
    clock.now = 0.2
    engine.feed(_echo(502))
    assert engine.take_output() == b"\x81\x08echo 502"


def test_an_echo_goes_ahead_of_a_close_frame() -> None:
    engine = _echoing(_Clock())
    engine.feed(_echo(1) + close_frame(1000))
    assert engine.take_output() == b"\x81\x06echo 1\x88\x02" + struct.pack(">H", 1000)


@pytest.mark.parametrize(
    "word",
    [b"", b"echo", b"echo ", b"echo -1", b"echo 1\n", b"echo 12345678901", b"Echo 1", b"\xff"],
)
def test_other_words_are_faults(word: bytes) -> None:
    engine = _echoing(_Clock())
    assert engine.feed(client_frame(b"key") + client_frame(word, Opcode.TEXT)) == b""
    assert engine.fault is not None
    assert engine.fault.code == 1003


def test_echoes_are_faults_where_they_were_not_asked_for() -> None:
    engine = _opened()
    engine.feed(_echo(1))
    assert engine.fault is not None
    assert engine.fault.code == 1003


def test_an_echo_is_answered_between_two_streams() -> None:
    engine = _echoing(_Clock())
    engine.begin_anew()
    assert engine.take_output() == b"\x81\x00"
    assert engine.feed(client_frame(b"old") + _echo(1)) == b""
    assert engine.take_output() == b"\x81\x06echo 1"
    assert engine.feed(client_frame(b"", Opcode.TEXT) + client_frame(b"new")) == b"new"
