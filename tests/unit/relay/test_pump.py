"""The pump on real sockets: order, independence of directions, bounds, TLS."""

import datetime
import socket
import ssl
import threading

from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.frames import Opcode
from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.development import development_keystore
from consoleproxy.relay.end import AfterGuest
from tests.unit.relay.rig import Rig, read, reset, running_relay, sending
from tests.waiting import wait_for
from tests.wsclient import client_frame, close_frame, noise


def test_large_transfers_both_ways_at_once_arrive_whole() -> None:
    down, up = noise(20_000_000), noise(3_000_000)
    frames = b"".join(
        client_frame(up[start : start + 700], mask=noise(4)) for start in range(0, len(up), 700)
    )
    with running_relay() as rig:
        senders = [sending(rig.guest, down), sending(rig.browser, frames)]
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(read(rig.guest, len(up))))
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
        assert read(rig.guest, 7) == b"keynext"


def test_keys_reach_the_guest_while_the_browser_does_not_read() -> None:
    with running_relay() as rig:
        sender = sending(rig.guest, bytes(64_000_000))
        for number in range(200):
            key = b"key %3d." % number
            rig.browser.sendall(client_frame(key))
            assert read(rig.guest, len(key)) == key
        assert sender.is_alive(), "the guest was read without bounds"
        rig.guest.shutdown(socket.SHUT_RDWR)
        sender.join()


def test_screen_reaches_the_browser_while_the_guest_does_not_read() -> None:
    with running_relay() as rig:
        sender = sending(rig.browser, client_frame(bytes(60_000)) * 500)
        for number in range(200):
            rig.guest.sendall(b"line %3d" % number)
            assert rig.frames.read_data(8) == b"line %3d" % number
        assert sender.is_alive(), "the browser was read without bounds"
        reset(rig.browser)
        rig.browser.shutdown(socket.SHUT_RDWR)
        sender.join()
        rig.frames.close()
        rig.browser.close()
        assert rig.end().cut


def test_pings_are_answered_and_only_payload_reaches_the_guest() -> None:
    with running_relay() as rig:
        rig.browser.sendall(
            client_frame(b"a")
            + client_frame(b"are you there", Opcode.PING)
            + client_frame(b"b", final=False)
            + client_frame(b"c", Opcode.CONTINUATION)
        )
        assert rig.frames.read() == (Opcode.PONG, b"are you there")
        assert read(rig.guest, 3) == b"abc"


def test_a_pong_never_lands_inside_a_frame() -> None:
    down = noise(8_000_000)
    with running_relay() as rig:
        sender = sending(rig.guest, down)
        pings = sending(rig.browser, client_frame(b"p", Opcode.PING) * 2000)
        data, pongs = bytearray(), 0
        while len(data) < len(down):
            opcode, payload = rig.frames.read()
            pongs += opcode == Opcode.PONG
            data += payload if opcode == Opcode.BINARY else b""
        assert data == down
        sender.join()
        pings.join()


def test_activity_is_data_and_not_keep_alive() -> None:
    with running_relay() as rig:
        before = rig.relay.last_activity
        rig.browser.sendall(client_frame(b"", Opcode.PING))
        assert rig.frames.read()[0] == Opcode.PONG
        assert rig.relay.last_activity == before
        rig.browser.sendall(client_frame(b"k"))
        assert read(rig.guest, 1) == b"k"
        rig.guest.sendall(b"s")
        assert rig.frames.read_data(1) == b"s"
        wait_for(lambda: rig.relay.first_frame_at is not None, "the first frame to be noted")
        assert rig.relay.last_activity > before


def _tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and of a client that trusts it."""
    keystore = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))
    roots = "".join(root.public_bytes(Encoding.PEM).decode() for root in keystore.roots)
    return server_context(keystore), ssl.create_default_context(cadata=roots)


def _both_ways(rig: Rig) -> None:
    down, up = noise(5_000_000), noise(1_000_000)
    sender = sending(rig.guest, down)
    assert rig.frames.read_data(len(down)) == down
    sender.join()
    frames = b"".join(client_frame(up[at : at + 900]) for at in range(0, len(up), 900))
    sender = sending(rig.browser, frames)
    assert read(rig.guest, len(up)) == up
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
        sender = sending(rig.guest, words)
        assert rig.frames.read_data(len(words)) == words
        sender.join()
        rig.guest.shutdown(socket.SHUT_RDWR)
        assert rig.frames.read_close()[0] == 1012
        rig.browser.sendall(close_frame(1012))
        assert rig.end().who == "guest"
