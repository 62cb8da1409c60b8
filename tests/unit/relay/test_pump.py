"""The pump on real sockets: order, independence of directions, bounds, and every way to end."""

import datetime
import socket
import ssl
import struct
import threading

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.frames import Opcode
from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.development import development_keystore
from consoleproxy.relay.arena import PAYLOAD_ROOM
from consoleproxy.relay.end import AfterGuest
from consoleproxy.relay.pump import UPSTREAM_ROOM
from tests.unit.relay.rig import Rig, running_relay
from tests.waiting import wait_for
from tests.wsclient import client_frame, close_frame, noise


def _sending(sock: socket.socket, data: bytes) -> threading.Thread:
    """Send in the background; a connection that breaks ends it."""

    def send() -> None:
        try:
            sock.sendall(data)
        except OSError:
            return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def _read(sock: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = sock.recv(min(1 << 20, length - len(data)))
        assert piece, "ended early"
        data += piece
    return bytes(data)


def _reset(sock: socket.socket) -> None:
    """Have the next close break the connection, as a crashed browser does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_large_transfers_both_ways_at_once_arrive_whole() -> None:
    down, up = noise(20_000_000), noise(3_000_000)
    frames = b"".join(
        client_frame(up[start : start + 700], mask=noise(4)) for start in range(0, len(up), 700)
    )
    with running_relay() as rig:
        senders = [_sending(rig.guest, down), _sending(rig.browser, frames)]
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(_read(rig.guest, len(up))))
        reader.start()
        assert rig.frames.read_data(len(down)) == down
        reader.join()
        assert received == [up]
        for sender in senders:
            sender.join()
        assert rig.relay.bytes_down == len(down)
        assert rig.relay.bytes_up == len(up)
        rig.guest.close()
        assert rig.frames.read_close()[0] == 1000
        rig.browser.sendall(close_frame(1000))
        assert rig.end().who == "guest"


def test_bytes_from_behind_the_login_come_first() -> None:
    early = client_frame(b"key")
    with running_relay(early=early, to_browser=b"bell") as rig:
        assert rig.frames.read_data(4) == b"bell"
        rig.browser.sendall(client_frame(b"next"))
        assert _read(rig.guest, 7) == b"keynext"


def test_keys_reach_the_guest_while_the_browser_does_not_read() -> None:
    with running_relay() as rig:
        sender = _sending(rig.guest, bytes(64_000_000))
        for number in range(200):
            key = b"key %3d." % number
            rig.browser.sendall(client_frame(key))
            assert _read(rig.guest, len(key)) == key
        assert len(rig.relay._down) <= PAYLOAD_ROOM + 10
        assert sender.is_alive(), "the guest was read without bounds"
        rig.guest.shutdown(socket.SHUT_RDWR)
        sender.join()


def test_screen_reaches_the_browser_while_the_guest_does_not_read() -> None:
    with running_relay() as rig:
        sender = _sending(rig.browser, client_frame(bytes(60_000)) * 500)
        for number in range(200):
            rig.guest.sendall(b"line %3d" % number)
            assert rig.frames.read_data(8) == b"line %3d" % number
        assert len(rig.relay._up) <= UPSTREAM_ROOM + 64 * 1024
        assert sender.is_alive(), "the browser was read without bounds"
        _reset(rig.browser)
        rig.browser.shutdown(socket.SHUT_RDWR)
        sender.join()
        rig.frames.close()
        rig.browser.close()
        assert rig.end().cut


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


def test_what_a_kept_browser_has_not_taken_is_still_sent() -> None:
    with running_relay(after_guest=AfterGuest.KEEP) as rig:
        sender = _sending(rig.guest, bytes(32_000_000))
        wait_for(lambda: rig.relay._down, "the browser's socket to be full")
        _reset(rig.guest)
        rig.guest.shutdown(socket.SHUT_RDWR)
        sender.join()
        rig.guest.close()
        assert rig.end(kept=True).who == "guest"
        assert rig.relay._channel._unsent


def test_browser_that_closes_is_answered_and_the_guest_let_go() -> None:
    with running_relay() as rig:
        rig.browser.sendall(client_frame(b"last key") + close_frame(1000, b"bye"))
        assert _read(rig.guest, 8) == b"last key"
        assert rig.guest.recv(1) == b""
        assert rig.frames.read_close() == (1000, "bye")
        end = rig.end()
        assert (end.who, end.code, end.reason, end.cut) == ("browser", 1000, "bye", False)


@pytest.mark.parametrize("abrupt", [False, True])
def test_browser_that_vanishes_lets_the_guest_go(abrupt: bool) -> None:
    with running_relay() as rig:
        if abrupt:
            _reset(rig.browser)
        rig.frames.close()
        rig.browser.close()
        assert rig.guest.recv(1) == b""
        end = rig.end()
        assert (end.who, end.code, end.cut) == ("browser", 1006, True)


def test_guest_that_vanishes_behind_a_browser_that_does_not_read() -> None:
    with running_relay() as rig:
        sender = _sending(rig.guest, bytes(32_000_000))
        rig.browser.sendall(client_frame(b"key"))
        assert _read(rig.guest, 3) == b"key"
        _reset(rig.guest)
        rig.guest.shutdown(socket.SHUT_RDWR)
        sender.join()
        rig.guest.close()
        assert rig.end().who == "guest"


def test_a_frame_over_the_limit_is_1009_before_its_payload_came() -> None:
    with running_relay() as rig:
        rig.browser.sendall(b"\x82\xff" + struct.pack(">Q", 1 << 40) + b"mask")
        assert rig.frames.read_close()[0] == 1009
        assert rig.guest.recv(1) == b""
        end = rig.end()
        assert (end.who, end.code) == ("protocol", 1009)


def test_pings_are_answered_and_only_payload_reaches_the_guest() -> None:
    with running_relay() as rig:
        rig.browser.sendall(
            client_frame(b"a")
            + client_frame(b"are you there", Opcode.PING)
            + client_frame(b"b", final=False)
            + client_frame(b"c", Opcode.CONTINUATION)
        )
        assert rig.frames.read() == (Opcode.PONG, b"are you there")
        assert _read(rig.guest, 3) == b"abc"


def test_a_pong_never_lands_inside_a_frame() -> None:
    down = noise(8_000_000)
    with running_relay() as rig:
        sender = _sending(rig.guest, down)
        pings = _sending(rig.browser, client_frame(b"p", Opcode.PING) * 2000)
        data, pongs = bytearray(), 0
        while len(data) < len(down):
            opcode, payload = rig.frames.read()
            pongs += opcode == Opcode.PONG
            data += payload if opcode == Opcode.BINARY else b""
        assert data == down
        sender.join()
        pings.join()


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


def test_asked_to_end_it_does_not_wait_for_a_browser_that_is_silent() -> None:
    with running_relay() as rig:
        _sending(rig.guest, bytes(32_000_000))
        rig.ask_to_end(1001, "Going away.")
        assert rig.end().who == "asked"


def test_activity_is_data_and_not_keep_alive() -> None:
    with running_relay() as rig:
        before = rig.relay.last_activity
        rig.browser.sendall(client_frame(b"", Opcode.PING))
        assert rig.frames.read()[0] == Opcode.PONG
        assert rig.relay.last_activity == before
        rig.browser.sendall(client_frame(b"k"))
        assert _read(rig.guest, 1) == b"k"
        rig.guest.sendall(b"s")
        assert rig.frames.read_data(1) == b"s"
        assert rig.relay.last_activity > before
        assert rig.relay.first_frame_at is not None


def _tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and of a client that trusts it."""
    keystore = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))
    roots = "".join(root.public_bytes(Encoding.PEM).decode() for root in keystore.roots)
    return server_context(keystore), ssl.create_default_context(cadata=roots)


def _both_ways(rig: Rig) -> None:
    down, up = noise(5_000_000), noise(1_000_000)
    sender = _sending(rig.guest, down)
    assert rig.frames.read_data(len(down)) == down
    sender.join()
    frames = b"".join(client_frame(up[at : at + 900]) for at in range(0, len(up), 900))
    sender = _sending(rig.browser, frames)
    assert _read(rig.guest, len(up)) == up
    sender.join()
    rig.browser.sendall(close_frame(1000))
    assert rig.frames.read_close()[0] == 1000
    assert rig.end().who == "browser"


def test_over_tls_towards_the_browser() -> None:
    serving, trusting = _tls()
    with running_relay(
        wrap_browser=lambda sock: serving.wrap_socket(sock, server_side=True),
        far_browser=lambda sock: trusting.wrap_socket(sock, server_hostname="localhost"),
    ) as rig:
        _both_ways(rig)


def test_over_tls_towards_the_guest() -> None:
    serving, trusting = _tls()
    with running_relay(
        wrap_guest=lambda sock: trusting.wrap_socket(sock, server_hostname="localhost"),
        far_guest=lambda sock: serving.wrap_socket(sock, server_side=True),
    ) as rig:
        _both_ways(rig)


def test_over_tls_the_last_words_of_the_guest_arrive() -> None:
    serving, trusting = _tls()
    with running_relay(
        after_guest=AfterGuest.RETURN,
        wrap_guest=lambda sock: trusting.wrap_socket(sock, server_hostname="localhost"),
        far_guest=lambda sock: serving.wrap_socket(sock, server_side=True),
    ) as rig:
        words = noise(1_000_000)
        sender = _sending(rig.guest, words)
        assert rig.frames.read_data(len(words)) == words
        sender.join()
        rig.guest.shutdown(socket.SHUT_RDWR)
        assert rig.frames.read_close()[0] == 1012
        rig.browser.sendall(close_frame(1012))
        assert rig.end().who == "guest"
