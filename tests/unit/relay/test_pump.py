"""The pump on real sockets: order, independence of directions, bounds, TLS."""

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.frames import Opcode
from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.development import development_keystore
from consoleproxy.relay.arena import PAYLOAD_ROOM
from consoleproxy.relay.end import AfterGuest
from consoleproxy.relay.pump import UPSTREAM_ROOM
from tests.unit.relay.far_ends import FarEnd, secured, small, unix_pair, unread
from tests.unit.relay.rig import Rig, read, reset, running_relay, sending
from tests.unit.relay.turns import session
from tests.waiting import wait_for
from tests.wsclient import client_frame, close_frame, noise

# RFC 8446 section 5.1.
_RECORD = 16_384


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


@pytest.mark.parametrize("size", [8, 60_000])
def test_a_guest_that_stops_reading_costs_a_bounded_number_of_keys(size: int) -> None:
    async def story() -> None:
        async with session() as told:
            up = noise(1_200_000)
            frames = [client_frame(up[at : at + size]) for at in range(0, len(up), size)]
            told.guest.bite = 0
            told.browser.give(*(b"".join(some) for some in _tenths(frames)))
            await told.stand_still()
            assert told.browser.unsent, "the browser was read without bounds"
            of_frames = told.browser.sent - unread(told.near_browser)
            headers = of_frames // len(frames[0]) * (len(frames[0]) - size)
            # And what one more read may bring.
            assert told.held_upstream - headers <= UPSTREAM_ROOM + 65_536
            told.guest.give(b"screen")
            await told.turns(lambda: told.browser.payload == b"screen")
            told.guest.bite = 1 << 20
            await told.turns(lambda: len(told.guest.received) >= len(up))
            assert told.guest.received == up

    asyncio.run(story())


def _tenths(frames: list[bytes]) -> Iterator[list[bytes]]:
    size = len(frames) // 10
    return (frames[at : at + size] for at in range(0, len(frames), size))


def test_a_storm_of_pings_from_a_browser_that_does_not_read() -> None:
    """It delays no key, and leaves one answer and what the kernel has taken."""

    async def story() -> None:
        async with session(small(unix_pair())) as told:
            told.browser.bite = 0
            pings = [client_frame(b"%06d" % number, Opcode.PING) for number in range(5_000)]
            told.browser.give(*pings, client_frame(b"key"))
            await told.turns(lambda: told.guest.received == b"key")
            in_kernel = unread(told.browser.sock)
            told.browser.bite = 1 << 20
            await told.turns(lambda: told.browser.pongs[-1:] == [b"004999"])
            answers = len(told.browser.received) - len(told.browser.head)
            assert answers - in_kernel <= 2 * len(b"\x8a\x06004999")
            assert told.browser.pongs == sorted(told.browser.pongs)

    asyncio.run(story())


def test_a_ping_with_every_bite_neither_starves_the_screen_nor_piles_up() -> None:
    async def story() -> None:
        async with session(small(unix_pair())) as told:
            screen = noise(1_000_000)
            told.guest.give(screen)
            told.browser.bite = 1_000
            ping = client_frame(b"p" * 125, Opcode.PING)
            while len(told.browser.payload) < len(screen):
                told.browser.give(ping)
                await told.turns(lambda: not told.browser.unsent)
                assert told.held <= PAYLOAD_ROOM
            assert told.browser.payload == screen
            assert told.browser.pongs
            await told.stand_still()
            assert told.browser.between_frames

    asyncio.run(story())


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


@pytest.mark.parametrize(
    "records",
    [
        [1],
        [1] * 2_000,
        [_RECORD - 1] * 40,
        [_RECORD] * 40,
        [_RECORD, 1] * 40,
        [_RECORD + 1] * 40,
        [PAYLOAD_ROOM - 1, 2],
        [PAYLOAD_ROOM, 1],
        [PAYLOAD_ROOM + 1],
        [PAYLOAD_ROOM - _RECORD + 1, _RECORD, 1],
    ],
)
@pytest.mark.parametrize("towards", ["browser", "guest"])
def test_tls_records_of_any_size_that_are_there_before_they_are_looked_for(
    towards: str, records: list[int]
) -> None:
    """What OpenSSL holds back is in no descriptor, and nothing comes behind the last."""

    async def story() -> None:
        browser_pair = secured(unix_pair(), serving=True)
        guest_pair = secured(unix_pair(), serving=False)
        for sock in (browser_pair[1], guest_pair[1]):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PAYLOAD_ROOM)
        async with session(browser_pair, guest_pair) as told:
            data = noise(sum(records))
            sender: FarEnd = told.guest
            stream, payload = data, told.browser.payload
            if towards == "guest":
                sender, stream, payload = told.browser, client_frame(data), told.guest.received
            for size in records:
                sender.give(stream[:size])
                stream = stream[size:]
                sender.turn()
            sender.give(stream)
            await told.turns(lambda: len(payload) >= len(data))
            assert payload == data

    asyncio.run(story())
