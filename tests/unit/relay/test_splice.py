"""Bytes moved inside the kernel: all of them, in order, whatever the browser takes."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.relay.splice import BrowserBroke, Splice, waiting
from tests.waiting import wait_for

pytestmark = pytest.mark.server

_HEADER = b"\x82\x7f header"


@dataclass(frozen=True, slots=True)
class _Ends:
    """Two connections over loopback: the far ends, and ours."""

    far_guest: socket.socket
    guest: socket.socket
    browser: socket.socket
    far_browser: socket.socket

    def close(self) -> None:
        for sock in (self.far_guest, self.guest, self.browser, self.far_browser):
            sock.close()

    def bring(self, data: bytes) -> None:
        """Let the guest's bytes be there to be read."""
        self.far_guest.sendall(data)
        wait_for(lambda: waiting(self.guest) >= len(data), "the guest's bytes")

    def fill(self) -> int:
        """Write to the browser until it takes nothing; return how much it has taken."""
        taken = 0
        while True:
            try:
                taken += self.browser.send(bytes(4096))
            except BlockingIOError:
                return taken


def _ends() -> _Ends:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Accepted sockets have it, too: room for all that a test brings.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
        pairs = []
        for _ in range(2):
            far = socket.create_connection(listener.getsockname())
            near, _ = listener.accept()
            near.setblocking(False)
            pairs.append((far, near))
    (far_guest, guest), (far_browser, browser) = pairs
    return _Ends(far_guest, guest, browser, far_browser)


@pytest.fixture
def splice() -> Iterator[Splice]:
    made = Splice()
    yield made
    made.close()


@pytest.fixture
def ends() -> Iterator[_Ends]:
    made = _ends()
    yield made
    made.close()


@given(data=st.binary(min_size=1, max_size=40_000), cut=st.integers(0, 40_000))
def test_what_is_moved_and_what_is_left_come_in_order(data: bytes, cut: int) -> None:
    cut %= len(data)
    ends, splice = _ends(), Splice()
    try:
        ends.bring(data)
        for piece in filter(None, (data[:cut], data[cut:])):
            rest = splice.move(ends.guest, ends.browser, _HEADER, len(piece))
            got = ends.far_browser.recv(len(_HEADER) + len(piece) - len(rest), socket.MSG_WAITALL)
            assert got + rest == _HEADER + piece
    finally:
        ends.close()
        splice.close()


def test_a_browser_that_takes_a_part_leaves_the_rest_to_be_sent_later(
    ends: _Ends, splice: Splice
) -> None:
    data = os.urandom(400_000)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        ends.browser.setsockopt(socket.SOL_SOCKET, option, 16_384)
        ends.far_browser.setsockopt(socket.SOL_SOCKET, option, 16_384)
    ends.bring(data)
    rest = splice.move(ends.guest, ends.browser, _HEADER, len(data))
    assert 0 < len(rest) < len(data)
    got = ends.far_browser.recv(len(_HEADER) + len(data) - len(rest), socket.MSG_WAITALL)
    assert got + rest == _HEADER + data
    assert waiting(ends.guest) == 0


def test_a_browser_that_takes_nothing_gets_the_header_later_too(
    ends: _Ends, splice: Splice
) -> None:
    ends.fill()
    ends.bring(b"x" * 1000)
    assert splice.move(ends.guest, ends.browser, _HEADER, 1000) == _HEADER + b"x" * 1000


def test_one_pipe_serves_the_next_after_a_browser_broke(ends: _Ends, splice: Splice) -> None:
    ends.browser.close()
    broken, other = socket.socketpair()
    broken.setblocking(False)
    other.close()
    ends.bring(b"x" * 1000)
    with pytest.raises(BrowserBroke, match="Broken pipe"):
        splice.move(ends.guest, broken, _HEADER, 500)
    broken.close()
    sound, far = socket.socketpair()
    with sound, far:
        sound.setblocking(False)
        assert splice.move(ends.guest, sound, _HEADER, 500) == b""
        assert far.recv(2000) == _HEADER + b"x" * 500


def test_where_the_kernel_does_not_allow_it_bytes_are_copied(
    ends: _Ends, splice: Splice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "splice", refuse)
    ends.bring(b"x" * 1000)
    assert splice.move(ends.guest, ends.browser, _HEADER, 1000) == b"x" * 1000
    assert ends.far_browser.recv(100) == _HEADER
