"""One transfer, copied or moved: the same frame."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consoleproxy.frames import FrameReader
from consoleproxy.relay.arena import LARGE, PAYLOAD_ROOM, Arena, arena_of
from consoleproxy.relay.downstream import Downstream
from consoleproxy.relay.splice import BrowserBroke, waiting
from tests.waiting import wait_for


async def _of_a_loop() -> Arena:
    return arena_of(asyncio.get_running_loop())


@pytest.fixture
def arena() -> Iterator[Arena]:
    made = asyncio.run(_of_a_loop())
    made.join()
    yield made
    made.leave()


@contextmanager
def _connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A far end, and ours, which has room for all that a test brings."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
        with (
            socket.create_connection(listener.getsockname()) as far,
            listener.accept()[0] as near,
        ):
            near.setblocking(False)
            yield far, near


def _read(far: socket.socket, length: int) -> bytes:
    """Return the payload of frames, as a browser takes it."""
    reader, payload = FrameReader(PAYLOAD_ROOM, masked=False), b""
    while len(payload) < length:
        payload += reader.feed(far.recv(65536))
    return payload


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("length", [1, 125, 126, 65_535, LARGE, 300_000])
def test_all_that_has_come_is_one_frame(length: int, streams: bool, arena: Arena) -> None:
    data = os.urandom(length)
    with _connection() as (guest, our_guest), _connection() as (browser, our_browser):
        downstream = Downstream(arena, our_guest, our_browser)
        guest.sendall(data)
        wait_for(lambda: waiting(our_guest) == length, "the guest's bytes")
        assert downstream.transfer(streams=streams) == (length, b"")
        assert _read(browser, length) == data
        assert downstream.transfer(streams=streams) == (None, b"")
        guest.close()
        wait_for(lambda: downstream.transfer(streams=streams) == (0, b""), "the guest's end")


@pytest.mark.parametrize("length", [10, LARGE])
def test_a_browser_that_is_gone_is_told_from_a_guest_that_is(length: int, arena: Arena) -> None:
    with _connection() as (guest, our_guest), _connection() as (browser, our_browser):
        downstream = Downstream(arena, our_guest, our_browser)
        our_browser.shutdown(socket.SHUT_WR)
        guest.sendall(bytes(length))
        wait_for(lambda: waiting(our_guest) == length, "the guest's bytes")
        with pytest.raises(BrowserBroke, match="Broken pipe"):
            downstream.transfer(streams=True)
        browser.close()


@pytest.mark.parametrize("length", [10, LARGE])
def test_what_the_browser_does_not_take_is_returned(length: int, arena: Arena) -> None:
    with _connection() as (guest, our_guest), _connection() as (_, our_browser):
        downstream = Downstream(arena, our_guest, our_browser)
        with pytest.raises(BlockingIOError):
            while True:
                our_browser.send(bytes(65536))
        guest.sendall(b"x" * length)
        wait_for(lambda: waiting(our_guest) == length, "the guest's bytes")
        moved, unsent = downstream.transfer(streams=True)
        assert moved == length
        assert FrameReader(length, masked=False).feed(unsent) == b"x" * length
