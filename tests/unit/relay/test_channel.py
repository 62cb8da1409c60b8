"""The browser's websocket during login."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from consoleproxy.frames import Opcode
from consoleproxy.relay import channel as channel_module
from consoleproxy.relay.channel import BrowserChannel, BrowserGone
from tests.unit.relay.rig import HEADERS
from tests.wsclient import ServerFrames, client_frame, close_frame

Story = Callable[[BrowserChannel, socket.socket], Awaitable[None]]


def _run(story: Story, early: bytes = b"") -> None:
    """Run a story on an open channel; the far end is a blocking socket."""

    async def opened() -> None:
        near, far = socket.socketpair()
        with near, far:
            far.settimeout(5)
            channel = BrowserChannel(near, HEADERS, early)
            await channel.open()
            answer = await asyncio.to_thread(far.recv, 1000)
            assert b"101 Switching Protocols" in answer
            assert b"Sec-WebSocket-Protocol: binary" in answer
            await story(channel, far)

    asyncio.run(opened())


def test_payload_comes_in_and_goes_out() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        far.sendall(client_frame(b"RFB 003.008\n"))
        assert await channel.receive() == b"RFB 003.008\n"
        await channel.send(b"\x01\x01")
        frames = ServerFrames(far)
        assert frames.read() == (Opcode.BINARY, b"\x01\x01")
        frames.close()

    _run(story)


def test_what_came_behind_the_request_is_not_lost() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        assert await channel.receive() == b"early"

    _run(story, early=client_frame(b"early"))


def test_a_cancelled_receive_loses_nothing() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        waiting = asyncio.get_running_loop().create_task(channel.receive(), name="receive")
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        far.sendall(client_frame(b"later"))
        assert await channel.receive() == b"later"

    _run(story)


def test_pings_are_answered_meanwhile() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        far.sendall(client_frame(b"?", Opcode.PING) + client_frame(b"x"))
        assert await channel.receive() == b"x"
        frames = ServerFrames(far)
        assert frames.read() == (Opcode.PONG, b"?")
        frames.close()

    _run(story)


@pytest.mark.parametrize(
    "sent",
    [close_frame(1001), client_frame(b"text", Opcode.TEXT), b""],
    ids=["close", "bad", "end"],
)
def test_a_browser_that_leaves_is_gone(sent: bytes) -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        far.sendall(sent)
        far.shutdown(socket.SHUT_WR)
        with pytest.raises(BrowserGone):
            await channel.receive()

    _run(story)


def test_a_word_beside_the_stream_is_a_text_frame() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        await channel.tell("answered")
        frames = ServerFrames(far)
        assert await asyncio.to_thread(frames.read) == (Opcode.TEXT, b"answered")
        frames.close()

    _run(story)


def test_close_says_why_and_waits_for_the_browser() -> None:
    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        closing = asyncio.get_running_loop().create_task(channel.close(4401, "Expired."), name="c")
        frames = ServerFrames(far)
        opcode, payload = await asyncio.to_thread(frames.read)
        assert (opcode, payload) == (Opcode.CLOSE, struct.pack(">H", 4401) + b"Expired.")
        assert not closing.done()
        far.sendall(close_frame(4401))
        await closing
        assert far.recv(1) == b""
        frames.close()

    _run(story)


def test_close_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "_CLOSE_SECONDS", 0.05)

    async def story(channel: BrowserChannel, far: socket.socket) -> None:
        await channel.close(4401, "Expired.")
        assert far.recv(1000)[:1] == b"\x88"
        assert far.recv(1) == b""

    _run(story)
