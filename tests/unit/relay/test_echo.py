"""Words beside the stream: what they measure, and what they must not touch."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.frames import FrameFault, Opcode
from consoleproxy.relay.echo import ECHO_LIMIT, Echo
from tests.unit.relay.far_ends import small, unix_pair, unread
from tests.unit.relay.rig import read, running_relay, sending
from tests.unit.relay.turns import session
from tests.wsclient import client_frame, noise


def _echo(number: int) -> bytes:
    return client_frame(b"echo %d" % number, Opcode.TEXT)


def test_the_last_one_comes_back() -> None:
    echo = Echo()
    echo.hear([], 0.0)
    assert echo.waiting is None
    echo.hear([b"echo 1", b"echo 2"], 0.0)
    assert echo.waiting == b"echo 2"


def test_more_than_ten_a_second_are_not_answered() -> None:
    echo = Echo()
    answers = set()
    for tick in range(1_000):
        echo.hear([b"echo %d" % tick], tick / 1000)
        answers.add(echo.waiting)
    assert 9 <= len(answers) <= 10


@given(st.one_of(st.binary(max_size=ECHO_LIMIT), st.from_regex(rb"echo ?-?[0-9]*\n?")))
def test_an_answer_is_what_was_said_or_there_is_a_fault(word: bytes) -> None:
    echo = Echo()
    number = word.removeprefix(b"echo ")
    good = word != number and number.isdigit() and len(number) <= 10
    try:
        echo.hear([word], 0.0)
    except FrameFault as fault:
        assert (fault.code, good, echo.waiting) == (1003, False, None)
    else:
        assert good
        assert echo.waiting == word
        assert len(word) <= ECHO_LIMIT


def test_one_fault_among_many_is_a_fault() -> None:
    with pytest.raises(FrameFault):
        Echo().hear([b"echo 1", b"hello", b"echo 2"], 0.0)


def test_both_streams_are_whole_whatever_is_said_beside_them() -> None:
    down, up = noise(8_000_000), noise(400_000)
    beside = b"".join(
        client_frame(up[at : at + 400], mask=noise(4)) + _echo(at) for at in range(0, len(up), 400)
    )
    with running_relay(echoes=True) as rig:
        senders = [sending(rig.guest, down), sending(rig.browser, beside)]
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(read(rig.guest, len(up))))
        reader.start()
        data, echoes = bytearray(), 0
        while len(data) < len(down) or not echoes:
            opcode, payload = rig.frames.read()
            if opcode == Opcode.TEXT:
                assert payload.startswith(b"echo ")
                echoes += 1
            else:
                data += payload
        for thread in (*senders, reader):
            thread.join()
        assert data == down
        assert received == [up]


def test_an_echo_is_no_activity() -> None:
    with running_relay(echoes=True) as rig:
        before = rig.relay.last_activity
        rig.browser.sendall(_echo(1))
        assert rig.frames.read() == (Opcode.TEXT, b"echo 1")
        assert (rig.relay.last_activity, rig.relay.bytes_up) == (before, 0)


def test_an_echo_waits_for_what_was_begun_and_not_for_what_the_guest_has_to_say() -> None:
    async def story() -> None:
        async with session(small(unix_pair()), None, echoes=True) as told:
            screen = noise(3_000_000)
            told.browser.bite = 0
            told.guest.give(screen)
            await told.stand_still()
            told.browser.give(_echo(7))
            await told.turns(lambda: not told.browser.unsent)
            waiting = told.held + unread(told.browser.sock)
            told.browser.bite = 1_000
            await told.turns(lambda: told.browser.words)
            assert told.browser.words == [b"echo 7"]
            assert len(told.browser.payload) <= waiting + 1_000 < len(screen) // 2
            told.browser.bite = 1 << 20
            await told.turns(lambda: len(told.browser.payload) == len(screen))
            assert told.browser.payload == screen

    asyncio.run(story())


def test_a_storm_of_echoes_from_a_browser_that_does_not_read() -> None:
    """It delays no key, and leaves one answer and what the kernel has taken."""

    async def story() -> None:
        async with session(small(unix_pair()), echoes=True) as told:
            told.browser.bite = 0
            told.browser.give(*map(_echo, range(5_000)), client_frame(b"key"))
            await told.turns(lambda: told.guest.received == b"key")
            in_kernel = unread(told.browser.sock)
            told.browser.bite = 1 << 20
            await told.stand_still()
            answers = len(told.browser.received) - len(told.browser.head)
            assert answers - in_kernel <= 2 * len(b"\x81\x09echo 4999")

    asyncio.run(story())
