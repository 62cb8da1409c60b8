"""The opening handshake of a websocket client, over real sockets, and against Tornado."""

import asyncio
import base64
import hashlib
import os
import re
import socket
from collections.abc import Callable

import pytest
import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket

from consoleproxy.errors import HypervisorClosed, HypervisorNotRfb, HypervisorTunnelRefused
from consoleproxy.frames import FrameReader, Opcode
from consoleproxy.hypervisor.target import WebSocketTarget
from consoleproxy.hypervisor.websocket import open_websocket
from consoleproxy.keystore.context import server_context
from consoleproxy.wire import Wire
from tests.unit.hypervisor.websocket_peers import (
    KEYSTORE,
    frame,
    trusting,
)

_TARGET = WebSocketTarget("esx.test", 443, True, "/ticket/0123456789abcdef")
_RFB = b"RFB 003.008\n"
_ALL_BYTES = bytes(range(256))


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
        request, first, sent = self._open(lambda request: self._yes(request) + frame(_RFB))
        assert re.fullmatch(
            rb"GET /ticket/0123456789abcdef HTTP/1\.1\r\nHost: esx\.test\r\n"
            rb"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: \S{24}\r\n"
            rb"Sec-WebSocket-Protocol: binary, uint8utf8\r\nSec-WebSocket-Version: 13\r\n\r\n",
            request,
        )
        assert first == _RFB
        assert FrameReader(100).feed(sent) == b"up"

    def test_keys_and_masks_are_new_each_time(self) -> None:
        runs = [self._open(lambda request: self._yes(request) + frame(_RFB)) for _ in range(2)]
        assert runs[0][0] != runs[1][0]
        assert runs[0][2] != runs[1][2]

    def test_no_subprotocol_is_binary(self) -> None:
        _, first, sent = self._open(lambda request: self._yes(request, b"") + frame(_RFB))
        assert first == _RFB
        assert sent[0] == 0x82

    def test_bytes_as_text(self) -> None:
        protocol = b"Sec-WebSocket-Protocol: uint8utf8\r\n"
        early = frame(_ALL_BYTES.decode("latin-1").encode(), Opcode.TEXT)
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
                application, ssl_options=server_context(KEYSTORE) if tls else None
            )
            (listening,) = tornado.netutil.bind_sockets(0, "127.0.0.1")
            server.add_socket(listening)
            port = listening.getsockname()[1]
            near = socket.create_connection(("127.0.0.1", port))
            wire = Wire(near)
            if tls:
                await wire.start_tls(trusting(), "localhost")
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
