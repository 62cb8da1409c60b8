"""A relay between two socket pairs: the test plays browser and guest on blocking sockets."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from consoleproxy.relay.channel import BrowserChannel
from consoleproxy.relay.end import AfterGuest, RelayEnd
from consoleproxy.relay.pump import Relay
from consoleproxy.wire import Socket, Wire
from tests.wsclient import ServerFrames

HEADERS = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "binary"}
_SECONDS = 20.0


@dataclass
class Rig:
    """``browser`` and ``guest`` are the far ends; ``result`` is there when the relay has ended."""

    browser: socket.socket
    guest: socket.socket
    frames: ServerFrames
    loop: asyncio.AbstractEventLoop
    relay: Relay
    thread: threading.Thread
    results: list[RelayEnd] = field(default_factory=list)
    near: list[Socket] = field(default_factory=list)
    left_over: list[object] = field(default_factory=list)

    def end(self, *, kept: bool = False) -> RelayEnd:
        """Wait for the relay to end, and check that it left nothing in its loop.

        Args:
            kept: whether the browser's socket is to be open still.
        """
        self.thread.join(_SECONDS)
        assert not self.thread.is_alive(), "the relay did not end"
        browser, guest = self.near
        assert (browser.fileno() >= 0, guest.fileno()) == (kept, -1)
        browser.close()
        assert self.left_over == []
        return self.results[0]

    def ask_to_end(self, code: int, reason: str) -> None:
        self.loop.call_soon_threadsafe(self.relay.end, code, reason)


@contextmanager
def running_relay(
    *,
    early: bytes = b"",
    echoes: bool = False,
    to_browser: bytes = b"",
    after_guest: AfterGuest = AfterGuest.CLOSE,
    wrap_browser: Callable[[socket.socket], Socket] = lambda sock: sock,
    far_browser: Callable[[socket.socket], socket.socket] = lambda sock: sock,
    wrap_guest: Callable[[socket.socket], Socket] = lambda sock: sock,
    far_guest: Callable[[socket.socket], socket.socket] = lambda sock: sock,
) -> Iterator[Rig]:
    """Run a relay in a thread of its own; TCP on loopback, so that buffers are real."""
    near_browser, browser = _tcp_pair()
    near_guest, guest = _tcp_pair()
    started = threading.Event()
    rigs: list[Rig] = []
    results: list[RelayEnd] = []
    left_over: list[object] = []

    async def carry() -> None:
        loop = asyncio.get_running_loop()
        near: list[Socket] = [wrap_browser(near_browser), wrap_guest(near_guest)]
        channel = BrowserChannel(near[0], HEADERS, early, echoes=echoes)
        await channel.open()
        relay = Relay(
            channel,
            Wire(near[1]),
            to_guest=b"",
            to_browser=to_browser,
            after_guest=after_guest,
        )
        rigs.append(
            Rig(
                browser,
                guest,
                ServerFrames(browser),
                loop,
                relay,
                threading.current_thread(),
                results,
                near,
                left_over,
            )
        )
        started.set()
        results.append(await relay.run())
        selector = loop._selector  # type: ignore[attr-defined]
        own = loop._ssock  # type: ignore[attr-defined]
        left_over.extend(key for key in selector.get_map().values() if key.fileobj != own.fileno())
        left_over.extend(handle for handle in loop._scheduled if not handle.cancelled())  # type: ignore[attr-defined]

    thread = threading.Thread(target=lambda: asyncio.run(carry()), name="relay")
    thread.start()
    try:
        browser, guest = far_browser(browser), far_guest(guest)
        browser.settimeout(_SECONDS)
        guest.settimeout(_SECONDS)
        assert started.wait(_SECONDS)
        rig = rigs[0]
        rig.browser, rig.guest = browser, guest
        rig.frames = ServerFrames(browser)
        _read_answer(browser)
        yield rig
    finally:
        for rig in rigs:
            rig.frames.close()
        browser.close()
        guest.close()
        thread.join(_SECONDS)
        assert not thread.is_alive()


def sending(sock: socket.socket, data: bytes) -> threading.Thread:
    """Send in the background; a connection that breaks ends it."""

    def send() -> None:
        try:
            sock.sendall(data)
        except OSError:
            return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def read(sock: socket.socket, length: int) -> bytes:
    """Return that many bytes."""
    data = bytearray()
    while len(data) < length:
        piece = sock.recv(min(1 << 20, length - len(data)))
        assert piece, "ended early"
        data += piece
    return bytes(data)


def reset(sock: socket.socket) -> None:
    """Have the next close break the connection, as a crashed browser does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read_answer(browser: socket.socket) -> None:
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += browser.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 ")


def _tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    return near, far
