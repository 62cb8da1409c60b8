"""A socket made of websocket frames, against frames made and read by others."""

import asyncio
import os
import select
import socket
import ssl
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.frames import Control, FrameReader, Opcode
from consoleproxy.hypervisor.websocket_stream import WebSocketStream
from consoleproxy.keystore.context import server_context
from consoleproxy.wire import Wire, receive_into, receive_some, send_some
from tests.unit.hypervisor.websocket_peers import (
    KEYSTORE,
    Server,
    Slow,
    frame,
    receive_all,
    streaming,
    trusting,
)

_ALL_BYTES = bytes(range(256))


_MESSAGES = st.lists(
    st.tuples(
        st.one_of(st.binary(max_size=20), st.just(_ALL_BYTES), st.just(b"\xe9" * 3000)),
        st.sampled_from(["whole", "fragments", "ping", "pong"]),
    ),
    max_size=6,
)


def _stream_of(messages: list[tuple[bytes, str]], *, text: bool) -> tuple[bytes, bytes]:
    """Return frames and their payload."""
    kind = Opcode.TEXT if text else Opcode.BINARY
    frames = payload = b""
    for data, how in messages:
        coded = data.decode("latin-1").encode() if text else data
        payload += data if how in {"whole", "fragments"} else b""
        if how == "whole":
            frames += frame(coded, kind)
        elif how == "fragments":
            # Also through the middle of a character.
            middle = len(coded) // 2
            frames += frame(coded[:middle], kind, final=False) + frame(b"", Opcode.PING)
            frames += frame(coded[middle:], Opcode.CONTINUATION)
        else:
            frames += frame(data[:125], Opcode[how.upper()])
    return frames, payload


class TestReceiving:
    @given(
        _MESSAGES,
        st.lists(st.integers(min_value=0, max_value=1 << 16), max_size=6),
        st.integers(min_value=0, max_value=200),
        st.sampled_from([1, 7, 100, 1 << 16]),
        st.booleans(),
    )
    def test_payload_comes_out_however_the_stream_is_cut(
        self, messages: list[tuple[bytes, str]], cuts: list[int], early: int, limit: int, text: bool
    ) -> None:
        frames, payload = _stream_of(messages, text=text)
        edges = sorted(
            cut % (len(frames) - early + 1) + early for cut in cuts if early < len(frames)
        )
        with streaming(frames[:early], text=text) as (stream, server):
            received = b""
            while stream._early:
                received += receive_some(stream, limit) or b""
            start = early
            for stop in [*edges, len(frames)]:
                server.sock.sendall(frames[start:stop])
                start = max(start, stop)
                received += receive_all(stream, limit)
            assert received == payload

    @given(_MESSAGES, st.booleans())
    def test_recv_into_leaves_nothing_behind(
        self, messages: list[tuple[bytes, str]], text: bool
    ) -> None:
        frames, payload = _stream_of(messages, text=text)
        buffer = memoryview(bytearray(512 * 1024))
        with streaming(text=text) as (stream, server):
            server.sock.sendall(frames)
            length = receive_into(stream, buffer)
            assert bytes(buffer[: length or 0]) == payload
            assert length != 0

    def test_control_frames_alone_are_no_end(self) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(frame(b"a", Opcode.PING) + frame(b"", Opcode.PONG) + frame(b""))
            with pytest.raises(BlockingIOError):
                stream.recv(100)
            server.sock.sendall(frame(b"x"))
            assert stream.recv(100) == b"x"

    def test_a_frame_of_any_length_is_passed_on_as_it_comes(self) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(b"\x82\x7f" + struct.pack(">Q", (1 << 63) - 1))
            for _ in range(50):
                server.sock.sendall(_ALL_BYTES)
                assert stream.recv(1 << 16) == _ALL_BYTES
            assert stream._reader._rest == b""

    def test_the_end_of_the_connection(self) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(frame(b"last"))
            server.sock.close()
            assert stream.recv(100) == b"last"
            assert stream.recv(100) == b""
            assert stream.recv(100) == b""

    def test_a_connection_that_breaks(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.create_connection(listener.getsockname())
            far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        near.setblocking(False)
        stream = WebSocketStream(near)
        with pytest.raises(ConnectionResetError):
            stream.recv(100)
        stream.close()

    @pytest.mark.parametrize(
        ("frame", "code", "cause"),
        [
            (b"\x82\x81\0\0\0\0x", 1002, "must not be masked"),
            (b"\xc2\x00", 1002, "No extension"),
            (b"\x83\x00", 1002, "no such opcode"),
            (frame(b"x" * 126, Opcode.PING), 1002, "control frame"),
            (frame(b"x", Opcode.CONTINUATION), 1002, "no message"),
            (b"\x82\x01x\x09\x00", 1002, "control frame"),
            (frame(b"text", Opcode.TEXT), 1003, "binary frames"),
        ],
    )
    def test_faults_are_for_good_and_the_server_is_told(
        self, frame: bytes, code: int, cause: str
    ) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(frame)
            for _ in range(2):
                with pytest.raises(ConnectionError, match=f"broke the protocol: .*{cause}"):
                    stream.recv(100)
            with pytest.raises(BrokenPipeError):
                stream.send(b"x")
            server.read()
            assert server.controls == [Control(Opcode.CLOSE, struct.pack(">H", code))]

    @pytest.mark.parametrize("text", ["\u0100", "\u20ac", "\U0001f600"])
    def test_a_character_that_is_no_byte(self, text: str) -> None:
        for cut in range(1, len(text.encode()) + 1):
            with streaming(text=True) as (stream, server):
                coded = text.encode()
                server.sock.sendall(frame(coded[:cut], Opcode.TEXT, final=False))
                server.sock.sendall(frame(coded[cut:], Opcode.CONTINUATION))
                with pytest.raises(ConnectionError, match="not a byte in UTF-8"):
                    while True:
                        receive_some(stream, cut + 2)

    @pytest.mark.parametrize("data", [b"\xff", b"\xc3\x28", b"\xc0\x80", b"\xed\xa0\x80"])
    def test_what_is_no_character(self, data: bytes) -> None:
        with streaming(text=True) as (stream, server):
            server.sock.sendall(frame(data, Opcode.TEXT))
            with pytest.raises(ConnectionError, match="not a byte in UTF-8"):
                stream.recv(100)

    @given(st.binary(max_size=300), st.booleans(), st.sampled_from([1, 50, 1 << 16]))
    def test_any_bytes_give_payload_an_end_or_a_fault(
        self, data: bytes, text: bool, limit: int
    ) -> None:
        with streaming(text=text) as (stream, server):
            server.sock.sendall(data)
            try:
                assert len(receive_all(stream, limit)) <= len(data)
            except ConnectionError as error:
                assert "broke the protocol" in str(error)
            assert len(stream._out) < 140


class TestControlFrames:
    def test_pings_are_answered_the_last_of_many(self) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(frame(b"1", Opcode.PING) + frame(b"2", Opcode.PING))
            assert receive_some(stream, 100) is None
            server.read()
            assert server.controls == [Control(Opcode.PONG, b"2")]

    def test_pongs_wait_in_bounds_while_the_server_does_not_read(self) -> None:
        with streaming() as (stream, server):
            while send_some(stream, bytes(1000)):
                """Fill it to the brim; a frame is now half out."""
            for number in range(1000):
                server.sock.sendall(frame(b"%d" % number, Opcode.PING))
                assert receive_some(stream, 100) is None
            assert stream._pong == b"999"
            while not send_some(stream, bytes(1000)):
                server.read()
            server.read()
            # The pong stood between two frames, or the reader would have raised.
            assert server.controls == [Control(Opcode.PONG, b"999")]
            assert len(server.payload) % 1000 == 0

    def test_a_pong_that_is_half_out_goes_on_with_the_next_call(self) -> None:
        for again in (lambda stream: receive_some(stream, 100), lambda stream: stream.send(b"x")):
            sock = Slow([3])
            stream = WebSocketStream(sock)
            sock.incoming = frame(b"late", Opcode.PING)
            assert receive_some(stream, 100) is None
            assert len(sock.sent) == 3
            again(stream)
            reader = FrameReader(100)
            assert reader.feed(sock.sent) in {b"", b"x"}
            assert reader.controls == [Control(Opcode.PONG, b"late")]

    @pytest.mark.parametrize("body", [b"", b"\x03\xe8", b"\x03\xe9going away"])
    def test_a_close_frame_is_answered_and_is_the_end(self, body: bytes) -> None:
        with streaming() as (stream, server):
            server.sock.sendall(frame(b"last") + frame(body, Opcode.CLOSE) + frame(b"behind"))
            assert stream.recv(100) == b"last"
            # The far end is still open, and yet an event loop has to come back for the end.
            assert select.select([stream], [], [], 0)[0]
            assert stream.recv(100) == b""
            assert stream.recv(100) == b""
            with pytest.raises(BrokenPipeError):
                stream.send(b"x")
            stream.close()
            server.read()
            assert server.controls == [Control(Opcode.CLOSE, body[:2])]

    def test_closing_says_so_once(self) -> None:
        with streaming() as (stream, server):
            stream.close()
            assert stream.fileno() == -1
            stream.close()
            server.read()
            assert server.controls == [Control(Opcode.CLOSE, struct.pack(">H", 1000))]
            assert server.sock.recv(1) == b""

    def test_closing_does_not_wait_and_breaks_no_frame(self) -> None:
        with streaming() as (stream, server):
            while send_some(stream, bytes(1000)):
                """Fill it to the brim."""
            stream.close()
            while server.read():
                """The last frame is cut off; whatever was read was in order."""
            assert server.controls == []

    def test_closing_with_nobody_there(self) -> None:
        with streaming() as (stream, server):
            server.sock.close()
            stream.close()
            assert stream.fileno() == -1


class TestSending:
    @pytest.mark.parametrize("text", [False, True])
    @pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536])
    def test_one_masked_frame(self, size: int, text: bool) -> None:
        data = (_ALL_BYTES * 256)[:size]
        with streaming(text=text) as (stream, server):
            assert stream.send(memoryview(data)) == size
            frame = server.read()
            assert frame[0] == (0x81 if text else 0x82)
            assert frame[1] & 0x80
            payload = server.payload
            assert (payload.decode().encode("latin-1") if text else payload) == data

    def test_more_than_a_frame_is_taken_in_parts(self) -> None:
        with streaming() as (stream, server):
            assert stream.send(bytes(70_000)) == 65536
            assert stream.send(b"") == 0
            server.read()
            assert server.payload == bytes(65536)

    def test_a_frame_that_is_half_out_is_the_caller_s_to_offer_again(self) -> None:
        sock = Slow([0, 5, 0])
        stream = WebSocketStream(sock)
        for data in (b"keys", b"keys", b"keys and more"):
            with pytest.raises(BlockingIOError):
                stream.send(data)
        with pytest.raises(ValueError, match="more than this"):
            stream.send(b"key")
        assert stream.send(b"keys and more") == 4
        assert stream.send(b" and more") == 9
        assert FrameReader(100).feed(sock.sent) == b"keys and more"

    @given(
        st.lists(st.binary(min_size=1, max_size=30).map(lambda data: data * 99), max_size=5),
        st.lists(st.integers(min_value=0, max_value=2000), max_size=60),
        st.lists(st.booleans(), max_size=60),
        st.booleans(),
    )
    def test_every_byte_goes_out_once_whatever_the_socket_takes(
        self, chunks: list[bytes], takes: list[int], pings: list[bool], text: bool
    ) -> None:
        data, waiting = b"".join(chunks), b""
        sock = Slow(takes)
        stream = WebSocketStream(sock, text=text)
        while chunks or waiting:
            # Data is added behind what waits, as the relay does it.
            waiting += chunks.pop(0) if chunks else b""
            if pings and pings.pop():
                sock.incoming = frame(b"?", Opcode.PING)
                assert receive_some(stream, 100) is None
            waiting = waiting[send_some(stream, waiting) :]
        reader = FrameReader(1 << 20, kind=Opcode.TEXT if text else Opcode.BINARY)
        sent = reader.feed(sock.sent)
        assert (sent.decode().encode("latin-1") if text else sent) == data
        assert {control.payload for control in reader.controls} <= {b"?"}

    def test_a_slow_server_on_tcp(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.socket()
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            near.connect(listener.getsockname())
            far, _ = listener.accept()
        data = os.urandom(300_000)
        server = Server(far)

        async def story() -> None:
            wire = Wire(WebSocketStream(near))
            sending = asyncio.get_running_loop().create_task(wire.send(data), name="send")
            while not sending.done():
                server.read()
                await asyncio.sleep(0)
            await sending
            wire.close()

        with near, far:
            asyncio.run(story())
            far.setblocking(True)
            while len(server.payload) < len(data):
                server.payload += server._reader.feed(far.recv(1 << 16))
        assert server.payload == data


class TestTls:
    """What OpenSSL holds back is in no descriptor."""

    @staticmethod
    def _pair() -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
        near, far = socket.socketpair()
        served: list[ssl.SSLSocket] = []
        shaking = threading.Thread(
            target=lambda: served.append(
                server_context(KEYSTORE).wrap_socket(
                    far, server_side=True, suppress_ragged_eofs=False
                )
            )
        )
        shaking.start()
        client = trusting().wrap_socket(near, server_hostname="localhost")
        shaking.join()
        client.setblocking(False)
        # The session tickets that came behind the handshake.
        assert receive_some(client, 1) is None
        return client, served[0]

    @pytest.mark.parametrize("limit", [1, 20, 1 << 16])
    def test_control_frames_in_front_do_not_leave_payload_unseen(self, limit: int) -> None:
        near, far = self._pair()
        with near, far:
            stream = WebSocketStream(near)
            far.sendall(frame(b"p" * 100, Opcode.PING) * 3 + frame(b"payload"))
            received = receive_some(stream, limit)
            assert received == b"payload"[: len(received or b"")]
            assert received

    def test_a_whole_record_of_small_frames(self) -> None:
        near, far = self._pair()
        with near, far:
            stream = WebSocketStream(near)
            far.sendall(frame(b"ab") * 4000)
            buffer = memoryview(bytearray(512 * 1024))
            length = receive_into(stream, buffer)
            assert bytes(buffer[: length or 0]) == b"ab" * 4000

    def test_close_frame_and_close_notify(self) -> None:
        near, far = self._pair()
        with far:
            stream = WebSocketStream(near)
            far.sendall(frame(b"last") + frame(b"", Opcode.CLOSE))
            assert stream.recv(1 << 16) == b"last"
            assert select.select([stream], [], [], 0)[0]
            assert stream.recv(1 << 16) == b""
            stream.close()
            reader = FrameReader(100)
            far.settimeout(10)
            assert reader.feed(far.recv(100)) == b""
            assert reader.controls == [Control(Opcode.CLOSE, b"")]
            # An end without close_notify would be an SSLEOFError here.
            assert far.recv(100) == b""
