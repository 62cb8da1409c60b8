"""A websocket client over real sockets, against frames made and read by others."""

import asyncio
import base64
import datetime
import hashlib
import os
import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorClosed, HypervisorNotRfb, HypervisorTunnelRefused
from consoleproxy.frames import Control, FrameReader, Opcode
from consoleproxy.hypervisor.target import WebSocketTarget
from consoleproxy.hypervisor.websocket import WebSocketStream, open_websocket
from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.development import development_keystore
from consoleproxy.wire import Socket, Wire, receive_into, receive_some, send_some

_TARGET = WebSocketTarget("esx.test", 443, True, "/ticket/0123456789abcdef")
_RFB = b"RFB 003.008\n"
_ALL_BYTES = bytes(range(256))


def _frame(payload: bytes, opcode: Opcode = Opcode.BINARY, *, final: bool = True) -> bytes:
    """Return a server's frame."""
    first, length = opcode | (0x80 if final else 0), len(payload)
    if length < 126:
        return struct.pack(">BB", first, length) + payload
    if length < 65536:
        return struct.pack(">BBH", first, 126, length) + payload
    return struct.pack(">BBQ", first, 127, length) + payload


class _Server:
    """The far end: reads with a browser's ``FrameReader`` what the stream sends."""

    def __init__(self, sock: socket.socket, kind: Opcode = Opcode.BINARY) -> None:
        self.sock = sock
        self.payload = b""
        self._reader = FrameReader(1 << 20, kind=kind)

    @property
    def controls(self) -> list[Control]:
        return self._reader.controls

    def read(self) -> bytes:
        """Read what is there, and return it."""
        data = b""
        self.sock.setblocking(False)
        while more := receive_some(self.sock, 1 << 16):
            data += more
        self.payload += self._reader.feed(data)
        return data


class _Slow:
    """A socket that takes as many bytes a call as it is told, and afterwards any number."""

    def __init__(self, takes: list[int]) -> None:
        self.incoming = b""
        self.sent = b""
        self._takes = takes

    def fileno(self) -> int:
        return 99

    def recv(self, limit: int, /) -> bytes:
        raise NotImplementedError

    def recv_into(self, buffer: memoryview, /) -> int:
        if not self.incoming:
            raise BlockingIOError
        data, self.incoming = self.incoming, b""
        buffer[: len(data)] = data
        return len(data)

    def send(self, data: bytes | memoryview, /) -> int:
        room = self._takes.pop(0) if self._takes else len(data)
        if not room:
            raise BlockingIOError
        self.sent += data[:room]
        return min(room, len(data))

    def setblocking(self, flag: bool, /) -> None:
        pass

    def close(self) -> None:
        pass


@contextmanager
def _streaming(
    early: bytes = b"", *, text: bool = False
) -> Iterator[tuple[WebSocketStream, _Server]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        kind = Opcode.TEXT if text else Opcode.BINARY
        yield WebSocketStream(near, early, text=text), _Server(far, kind)


def _receive_all(stream: Socket, limit: int = 1 << 16) -> bytes:
    """Return all that an event loop would get: it calls only while the descriptor is readable."""
    data = receive_some(stream, limit) or b""
    while select.select([stream], [], [], 0)[0]:
        piece = receive_some(stream, limit)
        if piece == b"":
            break
        data += piece or b""
    return data


class TestHandshake:
    @staticmethod
    def _accept(request: bytes) -> bytes:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)\r\n", request)
        assert key is not None
        assert len(base64.b64decode(key[1])) == 16
        digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        return base64.b64encode(digest)

    def _yes(self, request: bytes, extra: bytes = b"Sec-WebSocket-Protocol: binary\r\n") -> bytes:
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
            b"connection: keep-alive, UPGRADE\r\nsec-websocket-accept: "
            + self._accept(request)
            + b"\r\n"
            + extra
            + b"\r\n"
        )

    @staticmethod
    def _open(
        answer: Callable[[bytes], bytes], target: WebSocketTarget = _TARGET
    ) -> tuple[bytes, bytes, bytes]:
        """Return the request, the first payload, and what the far end read of a test frame."""

        async def story() -> tuple[bytes, bytes, bytes]:
            near, far = socket.socketpair()
            wire, server = Wire(near), Wire(far)
            opening = asyncio.get_running_loop().create_task(open_websocket(wire, target), name="o")
            try:
                await asyncio.sleep(0)
                request = await server.receive()
                if said := answer(request):
                    await server.send(said)
                else:
                    far.shutdown(socket.SHUT_WR)
                opened = Wire(await opening)
                first = await opened.receive()
                await opened.send(b"up")
                sent = await server.receive()
                opened.close()
                return request, first, sent
            finally:
                opening.cancel()
                wire.close()
                server.close()

        return asyncio.run(story())

    def test_the_request_and_what_comes_right_behind_the_answer(self) -> None:
        request, first, sent = self._open(lambda request: self._yes(request) + _frame(_RFB))
        assert re.fullmatch(
            rb"GET /ticket/0123456789abcdef HTTP/1\.1\r\nHost: esx\.test\r\n"
            rb"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: \S{24}\r\n"
            rb"Sec-WebSocket-Protocol: binary, uint8utf8\r\nSec-WebSocket-Version: 13\r\n\r\n",
            request,
        )
        assert first == _RFB
        assert FrameReader(100).feed(sent) == b"up"

    def test_keys_and_masks_are_new_each_time(self) -> None:
        runs = [self._open(lambda request: self._yes(request) + _frame(_RFB)) for _ in range(2)]
        assert runs[0][0] != runs[1][0]
        assert runs[0][2] != runs[1][2]

    def test_no_subprotocol_is_binary(self) -> None:
        _, first, sent = self._open(lambda request: self._yes(request, b"") + _frame(_RFB))
        assert first == _RFB
        assert sent[0] == 0x82

    def test_bytes_as_text(self) -> None:
        protocol = b"Sec-WebSocket-Protocol: uint8utf8\r\n"
        early = _frame(_ALL_BYTES.decode("latin-1").encode(), Opcode.TEXT)
        _, first, sent = self._open(lambda request: self._yes(request, protocol) + early)
        assert first == _ALL_BYTES
        assert sent[0] == 0x81

    @pytest.mark.parametrize(
        ("change", "cause"),
        [
            ((b"upgrade: WebSocket", b"upgrade: h2c"), "does not upgrade to a websocket"),
            ((b"upgrade: WebSocket\r\n", b""), "does not upgrade to a websocket"),
            ((b"UPGRADE", b"upgraded"), "does not upgrade this connection"),
            ((b"sec-websocket-accept: ", b"sec-websocket-accept: A"), "to another"),
            ((b"sec-websocket-accept: ", b"x: "), "to another"),
            ((b"sec-websocket-accept: ", b"sec-websocket-accept: \xe9"), "to another"),
            ((b"Protocol: binary", b"Protocol: base64"), "subprotocol 'base64'"),
            ((b"Protocol: binary", b"Protocol: Binary"), "subprotocol 'Binary'"),
            ((b"Protocol: binary", b"Protocol: binary, uint8utf8"), "which was not offered"),
            ((b"-Protocol: binary", b"-Extensions: permessage-deflate"), "extension"),
            ((b"101 Switching Protocols", b"200 OK"), f"{_TARGET} answered 200 OK$"),
            ((b"101 Switching Protocols", b"403 no 0123456789abcdef"), r"answered 403 no \*\*\*$"),
            ((b"101 Switching Protocols", b"307 Elsewhere"), "redirections are not followed"),
        ],
    )
    def test_an_answer_that_is_no(self, change: tuple[bytes, bytes], cause: str) -> None:
        with pytest.raises(HypervisorTunnelRefused, match=cause) as raised:
            self._open(lambda request: self._yes(request).replace(*change))
        assert "0123456789abcdef" not in str(raised.value)

    def test_something_else(self) -> None:
        with pytest.raises(HypervisorNotRfb, match="does not speak HTTP"):
            self._open(lambda _: _RFB)
        with pytest.raises(HypervisorClosed, match="ended instead of an answer"):
            self._open(lambda _: b"")

    @pytest.mark.parametrize("path", ["/ticket/a b", "/ticket/a\r\nX: y", "ticket"])
    def test_a_path_that_leaves_its_line(self, path: str) -> None:
        async def story() -> None:
            near, far = socket.socketpair()
            with near, far, pytest.raises(HypervisorTunnelRefused, match="path or host"):
                await open_websocket(Wire(near), WebSocketTarget("esx.test", 443, True, path))

        asyncio.run(story())

    def test_a_wire_that_was_refused_is_still_the_caller_s(self) -> None:
        async def story() -> None:
            near, far = socket.socketpair()
            wire = Wire(near)
            with far:
                far.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
                with pytest.raises(HypervisorTunnelRefused):
                    await open_websocket(wire, _TARGET)
                assert near.fileno() >= 0
                wire.close()

        asyncio.run(story())


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
            frames += _frame(coded, kind)
        elif how == "fragments":
            # Also through the middle of a character.
            middle = len(coded) // 2
            frames += _frame(coded[:middle], kind, final=False) + _frame(b"", Opcode.PING)
            frames += _frame(coded[middle:], Opcode.CONTINUATION)
        else:
            frames += _frame(data[:125], Opcode[how.upper()])
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
        with _streaming(frames[:early], text=text) as (stream, server):
            received = b""
            while stream._early:
                received += receive_some(stream, limit) or b""
            start = early
            for stop in [*edges, len(frames)]:
                server.sock.sendall(frames[start:stop])
                start = max(start, stop)
                received += _receive_all(stream, limit)
            assert received == payload

    @given(_MESSAGES, st.booleans())
    def test_recv_into_leaves_nothing_behind(
        self, messages: list[tuple[bytes, str]], text: bool
    ) -> None:
        frames, payload = _stream_of(messages, text=text)
        buffer = memoryview(bytearray(512 * 1024))
        with _streaming(text=text) as (stream, server):
            server.sock.sendall(frames)
            length = receive_into(stream, buffer)
            assert bytes(buffer[: length or 0]) == payload
            assert length != 0

    def test_control_frames_alone_are_no_end(self) -> None:
        with _streaming() as (stream, server):
            server.sock.sendall(_frame(b"a", Opcode.PING) + _frame(b"", Opcode.PONG) + _frame(b""))
            with pytest.raises(BlockingIOError):
                stream.recv(100)
            server.sock.sendall(_frame(b"x"))
            assert stream.recv(100) == b"x"

    def test_a_frame_of_any_length_is_passed_on_as_it_comes(self) -> None:
        with _streaming() as (stream, server):
            server.sock.sendall(b"\x82\x7f" + struct.pack(">Q", (1 << 63) - 1))
            for _ in range(50):
                server.sock.sendall(_ALL_BYTES)
                assert stream.recv(1 << 16) == _ALL_BYTES
            assert stream._reader._rest == b""

    def test_the_end_of_the_connection(self) -> None:
        with _streaming() as (stream, server):
            server.sock.sendall(_frame(b"last"))
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
            (_frame(b"x" * 126, Opcode.PING), 1002, "control frame"),
            (_frame(b"x", Opcode.CONTINUATION), 1002, "no message"),
            (b"\x82\x01x\x09\x00", 1002, "control frame"),
            (_frame(b"text", Opcode.TEXT), 1003, "binary frames"),
        ],
    )
    def test_faults_are_for_good_and_the_server_is_told(
        self, frame: bytes, code: int, cause: str
    ) -> None:
        with _streaming() as (stream, server):
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
            with _streaming(text=True) as (stream, server):
                coded = text.encode()
                server.sock.sendall(_frame(coded[:cut], Opcode.TEXT, final=False))
                server.sock.sendall(_frame(coded[cut:], Opcode.CONTINUATION))
                with pytest.raises(ConnectionError, match="not a byte in UTF-8"):
                    while True:
                        receive_some(stream, cut + 2)

    @pytest.mark.parametrize("data", [b"\xff", b"\xc3\x28", b"\xc0\x80", b"\xed\xa0\x80"])
    def test_what_is_no_character(self, data: bytes) -> None:
        with _streaming(text=True) as (stream, server):
            server.sock.sendall(_frame(data, Opcode.TEXT))
            with pytest.raises(ConnectionError, match="not a byte in UTF-8"):
                stream.recv(100)

    @given(st.binary(max_size=300), st.booleans(), st.sampled_from([1, 50, 1 << 16]))
    def test_any_bytes_give_payload_an_end_or_a_fault(
        self, data: bytes, text: bool, limit: int
    ) -> None:
        with _streaming(text=text) as (stream, server):
            server.sock.sendall(data)
            try:
                assert len(_receive_all(stream, limit)) <= len(data)
            except ConnectionError as error:
                assert "broke the protocol" in str(error)
            assert len(stream._out) < 140


class TestControlFrames:
    def test_pings_are_answered_the_last_of_many(self) -> None:
        with _streaming() as (stream, server):
            server.sock.sendall(_frame(b"1", Opcode.PING) + _frame(b"2", Opcode.PING))
            assert receive_some(stream, 100) is None
            server.read()
            assert server.controls == [Control(Opcode.PONG, b"2")]

    def test_pongs_wait_in_bounds_while_the_server_does_not_read(self) -> None:
        with _streaming() as (stream, server):
            while send_some(stream, bytes(1000)):
                """Fill it to the brim; a frame is now half out."""
            for number in range(1000):
                server.sock.sendall(_frame(b"%d" % number, Opcode.PING))
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
            sock = _Slow([3])
            stream = WebSocketStream(sock)
            sock.incoming = _frame(b"late", Opcode.PING)
            assert receive_some(stream, 100) is None
            assert len(sock.sent) == 3
            again(stream)
            reader = FrameReader(100)
            assert reader.feed(sock.sent) in {b"", b"x"}
            assert reader.controls == [Control(Opcode.PONG, b"late")]

    @pytest.mark.parametrize("body", [b"", b"\x03\xe8", b"\x03\xe9going away"])
    def test_a_close_frame_is_answered_and_is_the_end(self, body: bytes) -> None:
        with _streaming() as (stream, server):
            server.sock.sendall(_frame(b"last") + _frame(body, Opcode.CLOSE) + _frame(b"behind"))
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
        with _streaming() as (stream, server):
            stream.close()
            assert stream.fileno() == -1
            stream.close()
            server.read()
            assert server.controls == [Control(Opcode.CLOSE, struct.pack(">H", 1000))]
            assert server.sock.recv(1) == b""

    def test_closing_does_not_wait_and_breaks_no_frame(self) -> None:
        with _streaming() as (stream, server):
            while send_some(stream, bytes(1000)):
                """Fill it to the brim."""
            stream.close()
            while server.read():
                """The last frame is cut off; whatever was read was in order."""
            assert server.controls == []

    def test_closing_with_nobody_there(self) -> None:
        with _streaming() as (stream, server):
            server.sock.close()
            stream.close()
            assert stream.fileno() == -1


class TestSending:
    @pytest.mark.parametrize("text", [False, True])
    @pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536])
    def test_one_masked_frame(self, size: int, text: bool) -> None:
        data = (_ALL_BYTES * 256)[:size]
        with _streaming(text=text) as (stream, server):
            assert stream.send(memoryview(data)) == size
            frame = server.read()
            assert frame[0] == (0x81 if text else 0x82)
            assert frame[1] & 0x80
            payload = server.payload
            assert (payload.decode().encode("latin-1") if text else payload) == data

    def test_more_than_a_frame_is_taken_in_parts(self) -> None:
        with _streaming() as (stream, server):
            assert stream.send(bytes(70_000)) == 65536
            assert stream.send(b"") == 0
            server.read()
            assert server.payload == bytes(65536)

    def test_a_frame_that_is_half_out_is_the_caller_s_to_offer_again(self) -> None:
        sock = _Slow([0, 5, 0])
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
        sock = _Slow(takes)
        stream = WebSocketStream(sock, text=text)
        while chunks or waiting:
            # Data is added behind what waits, as the relay does it.
            waiting += chunks.pop(0) if chunks else b""
            if pings and pings.pop():
                sock.incoming = _frame(b"?", Opcode.PING)
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
        server = _Server(far)

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


_KEYSTORE = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))


class _Echo(tornado.websocket.WebSocketHandler):
    """Tornado's own end: echoes, and pings first."""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        wanted = self.request.path.removeprefix("/ticket/")
        return wanted if wanted in subprotocols else None

    def open(self, *_: str, **__: str) -> None:
        self.ping(b"are you there")

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))

    def on_pong(self, data: bytes) -> None:
        self.application.settings["pongs"].append(data)

    def on_close(self) -> None:
        self.application.settings["closed"].set_result(self.close_code)


class TestTornado:
    """Against a server that others wrote, plain and in TLS."""

    @pytest.mark.parametrize("tls", [False, True])
    @pytest.mark.parametrize("subprotocol", ["binary", "uint8utf8", "none"])
    def test_echo(self, subprotocol: str, tls: bool) -> None:
        data = os.urandom(1_000_000)
        pongs: list[bytes] = []

        async def story() -> bytes:
            closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            application = tornado.web.Application([("/.*", _Echo)], pongs=pongs, closed=closed)
            server = tornado.httpserver.HTTPServer(
                application, ssl_options=server_context(_KEYSTORE) if tls else None
            )
            (listening,) = tornado.netutil.bind_sockets(0, "127.0.0.1")
            server.add_socket(listening)
            port = listening.getsockname()[1]
            near = socket.create_connection(("127.0.0.1", port))
            wire = Wire(near)
            if tls:
                await wire.start_tls(_trusting(), "localhost")
            target = WebSocketTarget("localhost", port, tls, f"/ticket/{subprotocol}")
            stream = Wire(await open_websocket(wire, target))
            sending = asyncio.get_running_loop().create_task(stream.send(data), name="send")
            received = b""
            while len(received) < len(data):
                received += await stream.receive()
            await sending
            stream.close()
            assert await closed == 1000
            server.stop()
            await server.close_all_connections()
            return received

        assert asyncio.run(story()) == data
        assert pongs == [b"are you there"]


def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context(
        cadata="".join(root.public_bytes(Encoding.PEM).decode() for root in _KEYSTORE.roots)
    )


class TestTls:
    """What OpenSSL holds back is in no descriptor."""

    @staticmethod
    def _pair() -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
        near, far = socket.socketpair()
        served: list[ssl.SSLSocket] = []
        shaking = threading.Thread(
            target=lambda: served.append(
                server_context(_KEYSTORE).wrap_socket(
                    far, server_side=True, suppress_ragged_eofs=False
                )
            )
        )
        shaking.start()
        client = _trusting().wrap_socket(near, server_hostname="localhost")
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
            far.sendall(_frame(b"p" * 100, Opcode.PING) * 3 + _frame(b"payload"))
            received = receive_some(stream, limit)
            assert received == b"payload"[: len(received or b"")]
            assert received

    def test_a_whole_record_of_small_frames(self) -> None:
        near, far = self._pair()
        with near, far:
            stream = WebSocketStream(near)
            far.sendall(_frame(b"ab") * 4000)
            buffer = memoryview(bytearray(512 * 1024))
            length = receive_into(stream, buffer)
            assert bytes(buffer[: length or 0]) == b"ab" * 4000

    def test_close_frame_and_close_notify(self) -> None:
        near, far = self._pair()
        with far:
            stream = WebSocketStream(near)
            far.sendall(_frame(b"last") + _frame(b"", Opcode.CLOSE))
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
