"""Every way to end, on real sockets, and what each says of itself."""

import asyncio
import socket
import struct

import pytest

from consoleproxy.frames import Opcode
from consoleproxy.relay import liveness, pump
from consoleproxy.relay.channel import BrowserChannel
from consoleproxy.relay.end import NETWORK_GONE, RECONNECT, AfterGuest, RelayEnd
from tests.unit.relay.far_ends import (
    FarBrowser,
    FarEnd,
    close_body,
    small,
    tcp_pair,
    unix_pair,
    unread,
)
from tests.unit.relay.rig import read, reset, running_relay, sending
from tests.unit.relay.turns import HEADERS, relayed, session, turns
from tests.wsclient import client_frame, close_frame, noise

pytestmark = pytest.mark.server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain is not waited for long."""
    monkeypatch.setattr(liveness, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(pump, "_CLOSE_SECONDS", 0.05)


def test_an_end_is_final_unless_it_says_otherwise() -> None:
    end = RelayEnd("guest", 1000, "The screen was closed.")
    assert not end.cut
    assert not end.kept


def test_a_viewer_is_asked_to_come_back_by_a_registered_code() -> None:
    """RFC 6455 section 7.4.2: 1000 to 2999 are the protocol's."""
    assert RECONNECT == 1012
    assert len(AfterGuest) == 3


def test_guest_that_ends_gives_all_it_said_and_then_1000() -> None:
    with running_relay() as rig:
        rig.guest.sendall(b"last words")
        rig.guest.shutdown(socket.SHUT_WR)
        assert rig.frames.read_data(10) == b"last words"
        assert rig.frames.read_close()[0] == 1000
        rig.browser.sendall(close_frame(1000))
        end = rig.end()
        assert (end.who, end.code, end.cut) == ("guest", 1000, False)


def test_guest_that_ends_is_worth_a_return_where_there_is_a_window() -> None:
    with running_relay(after_guest=AfterGuest.RETURN) as rig:
        rig.guest.shutdown(socket.SHUT_WR)
        assert rig.frames.read_close()[0] == 1012
        rig.browser.sendall(close_frame(1012))
        end = rig.end()
        assert (end.who, end.code, end.cut) == ("guest", 1012, True)


def test_guest_that_ends_leaves_a_kept_browser_to_its_channel() -> None:
    with running_relay(after_guest=AfterGuest.KEEP) as rig:
        rig.guest.sendall(b"last words")
        rig.guest.shutdown(socket.SHUT_WR)
        assert rig.frames.read_data(10) == b"last words"
        end = rig.end(kept=True)
        assert (end.who, end.kept) == ("guest", True)


def test_browser_that_closes_is_answered_and_the_guest_let_go() -> None:
    with running_relay() as rig:
        rig.browser.sendall(client_frame(b"last key") + close_frame(1000, b"bye"))
        assert read(rig.guest, 8) == b"last key"
        assert rig.guest.recv(1) == b""
        assert rig.frames.read_close() == (1000, "bye")
        end = rig.end()
        assert (end.who, end.code, end.reason, end.cut) == ("browser", 1000, "bye", False)


def test_browser_that_says_that_it_comes_back_counts_as_cut() -> None:
    with running_relay() as rig:
        rig.browser.sendall(close_frame(NETWORK_GONE))
        assert rig.frames.read_close()[0] == NETWORK_GONE
        end = rig.end()
        assert (end.who, end.code, end.cut) == ("browser", NETWORK_GONE, True)


@pytest.mark.parametrize("abrupt", [False, True])
def test_browser_that_vanishes_lets_the_guest_go(abrupt: bool) -> None:
    with running_relay() as rig:
        if abrupt:
            reset(rig.browser)
        rig.frames.close()
        rig.browser.close()
        assert rig.guest.recv(1) == b""
        end = rig.end()
        assert (end.who, end.code, end.cut) == ("browser", 1006, True)


@pytest.mark.usefixtures("impatient")
def test_a_frame_over_the_limit_is_1009_before_its_payload_came() -> None:
    with running_relay() as rig:
        rig.browser.sendall(b"\x82\xff" + struct.pack(">Q", 1 << 40) + b"mask")
        assert rig.frames.read_close()[0] == 1009
        assert rig.guest.recv(1) == b""
        end = rig.end()
        assert (end.who, end.code) == ("protocol", 1009)


def test_asked_to_end_it_says_why() -> None:
    with running_relay() as rig:
        rig.guest.sendall(b"before")
        assert rig.frames.read_data(6) == b"before"
        rig.ask_to_end(4409, "The console was opened elsewhere.")
        assert rig.frames.read_close() == (4409, "The console was opened elsewhere.")
        assert rig.guest.recv(1) == b""
        rig.browser.sendall(close_frame(4409))
        end = rig.end()
        assert (end.who, end.code) == ("asked", 4409)


@pytest.mark.usefixtures("impatient")
def test_asked_to_end_it_does_not_wait_for_a_browser_that_is_silent() -> None:
    with running_relay() as rig:
        sending(rig.guest, bytes(32_000_000))
        rig.ask_to_end(1001, "Going away.")
        assert rig.end().who == "asked"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("abrupt", [False, True])
def test_a_guest_that_leaves_behind_a_browser_that_has_stopped_reading(abrupt: bool) -> None:
    """Its end is noticed, and what the relay still holds is not waited for without end."""

    async def story() -> None:
        async with session(small(tcp_pair()), tcp_pair()) as told:
            told.browser.bite = 0
            # TCP itself would keep an end behind more than the relay's socket has room for.
            while not unread(told.near_guest):
                told.guest.give(noise(65_536))
                await told.stand_still()
            if abrupt:
                reset(told.guest.sock)
            told.guest.sock.close()
            await turns(told.carried.running.done)
            end = await told.carried.running
            assert (end.who, end.code) == ("guest", 1000)

    asyncio.run(story())


def test_a_browser_that_reads_on_gets_whole_frames_and_why_its_guest_is_gone() -> None:
    async def story() -> None:
        async with session() as told:
            screen = noise(8_000_000)
            told.browser.bite = 0
            told.guest.give(screen)
            await told.stand_still()
            told.carried.relay.end(4409, "The console was opened elsewhere.")
            told.browser.bite = 1 << 20
            await told.turns(lambda: told.browser.close)
            assert told.browser.close == close_body(4409, b"The console was opened elsewhere.")
            assert screen.startswith(told.browser.payload)
            told.browser.give(client_frame(close_body(4409), Opcode.CLOSE))
            await told.turns(lambda: told.browser.ended and told.guest.ended)
            assert (await told.carried.running).who == "asked"

    asyncio.run(story())


def test_what_a_kept_browser_has_not_taken_is_still_sent() -> None:
    async def story() -> None:
        async with session(after_guest=AfterGuest.KEEP) as told:
            screen = noise(8_000_000)
            told.browser.bite = 0
            told.guest.give(screen)
            await told.stand_still()
            told.guest.sock.close()
            await turns(told.carried.running.done)
            assert (await told.carried.running).kept
            loop = asyncio.get_running_loop()
            sending = loop.create_task(told.carried.channel.send(b"a new guest"), name="send")
            told.browser.bite = 1 << 20
            await turns(sending.done, told.browser)
            await turns(lambda: told.browser.payload.endswith(b"a new guest"), told.browser)
            assert told.browser.between_frames
            assert screen.startswith(told.browser.payload.removesuffix(b"a new guest"))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("last", "who"),
    [
        (client_frame(close_body(1000), Opcode.CLOSE), "browser"),
        (client_frame(b"text", Opcode.TEXT), "protocol"),
    ],
)
def test_an_end_that_comes_with_the_last_bytes_of_the_login_is_heeded(
    last: bytes, who: str
) -> None:
    async def story() -> None:
        (near_browser, far_browser), (near_guest, far_guest) = unix_pair(), unix_pair()
        browser, guest = FarBrowser(far_browser), FarEnd(far_guest)
        with far_browser, far_guest:
            early = client_frame(b"login") + last
            async with relayed(near_browser, near_guest, early=early) as carried:
                await turns(lambda: guest.ended, browser, guest)
                browser.sock.shutdown(socket.SHUT_WR)
                assert (await carried.running).who == who

    asyncio.run(story())


def test_what_waits_for_the_guest_is_sent_before_it_is_let_go() -> None:
    async def story() -> None:
        (near_browser, far_browser), (near_guest, far_guest) = unix_pair(), unix_pair()
        browser, guest = FarBrowser(far_browser), FarEnd(far_guest)
        browser.give(client_frame(close_body(1000), Opcode.CLOSE))
        browser.turn()
        with far_browser, far_guest:
            async with relayed(near_browser, near_guest, to_guest=b"ClientInit"):
                await turns(lambda: guest.ended, browser, guest)
                assert guest.received == b"ClientInit"

    asyncio.run(story())


def test_a_browser_that_reads_slowly_gets_the_guests_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(liveness, "_LOOK_SECONDS", 30.0)
    monkeypatch.setattr(pump, "_CLOSE_SECONDS", 30.0)

    async def story() -> None:
        async with session(small(unix_pair()), None) as told:
            turn = 0

            def closed() -> object:
                # The relay looks by turns: between two looks by the clock, a machine that is busy
                # may have come to none.
                nonlocal turn
                turn += 1
                if turn % 20 == 0:
                    told.carried.relay._look()
                return told.browser.close

            words = noise(1_000_000)
            told.browser.bite = 3_000
            told.guest.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)
            told.guest.give(words)
            await told.turns(lambda: not told.guest.unsent)
            told.guest.finish_sending()
            await told.turns(closed)
            assert len(told.browser.payload) == len(words)
            assert turn > 100

    asyncio.run(story())


def test_a_ping_behind_the_request_is_answered_behind_the_answer() -> None:
    async def story() -> None:
        near, far = unix_pair()
        with near, far:
            await BrowserChannel(near, HEADERS, client_frame(b"?", Opcode.PING)).open()
            assert far.recv(1000).startswith(b"HTTP/1.1 101 ")

    asyncio.run(story())
