"""What the relays of a loop share, and that none has more than its share."""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from consoleproxy.frames import HEADER_ROOM
from consoleproxy.relay.arena import PAYLOAD_ROOM, Arena, arena_of
from tests.unit.relay.far_ends import FarEnd, Pair, small, tcp_pair, unix_pair, unread
from tests.unit.relay.turns import Session, session, turns
from tests.wsclient import client_frame, noise


async def _twice() -> tuple[Arena, Arena]:
    loop = asyncio.get_running_loop()
    return arena_of(loop), arena_of(loop)


def test_a_loop_has_one_arena_and_another_loop_another() -> None:
    first, again = asyncio.run(_twice())
    assert first is again
    assert asyncio.run(_twice())[0] is not first


def test_the_payload_is_right_behind_the_header() -> None:
    arena, _ = asyncio.run(_twice())
    arena.payload[0] = 0x2A
    assert arena.buffer[HEADER_ROOM] == 0x2A
    assert len(arena.payload) == PAYLOAD_ROOM


def test_the_pipe_is_made_on_first_use_and_goes_with_the_last_relay() -> None:
    arena, _ = asyncio.run(_twice())
    before = len(os.listdir("/proc/self/fd"))
    arena.join()
    arena.join()
    assert arena.splice is arena.splice
    assert len(os.listdir("/proc/self/fd")) == before + 2
    arena.leave()
    assert len(os.listdir("/proc/self/fd")) == before + 2
    arena.leave()
    assert len(os.listdir("/proc/self/fd")) == before


def test_who_waits_gets_one_turn_each_in_order_and_sockets_are_looked_at_in_between() -> None:
    async def story() -> list[str]:
        turns, happened = arena_of(asyncio.get_running_loop()).turns, list[str]()

        def transfer(name: str) -> None:
            happened.append(name)
            turns.take()

        turns.take()
        turns.wait(lambda: transfer("first"))
        turns.wait(lambda: happened.append("has nothing to transfer any more"))
        turns.wait(lambda: transfer("second"))
        turns.wait(lambda: transfer("third"))
        assert turns.taken
        for _ in range(3):
            await asyncio.sleep(0)
            happened.append("look")
        await asyncio.sleep(0)
        assert not turns.taken
        return happened

    assert asyncio.run(story()) == [
        "first",
        "look",
        "has nothing to transfer any more",
        "second",
        "look",
        "third",
        "look",
    ]


def test_who_leaves_the_line_gets_no_turn() -> None:
    async def story() -> list[str]:
        turns, happened = arena_of(asyncio.get_running_loop()).turns, list[str]()

        def leaves() -> None:
            happened.append("turn")

        turns.take()
        turns.wait(leaves)
        turns.leave(leaves)
        turns.leave(leaves)
        await asyncio.sleep(0)
        assert not turns.taken
        return happened

    assert asyncio.run(story()) == []


class _Counted(socket.socket):
    """Counts the calls that would show that somebody looks after this socket."""

    calls = 0

    def recv(self, *args: Any) -> bytes:
        self.calls += 1
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        self.calls += 1
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        self.calls += 1
        return super().send(*args)

    def sendmsg(self, *args: Any) -> int:
        self.calls += 1
        return super().sendmsg(*args)


def _counted(pair: Pair) -> tuple[_Counted, socket.socket]:
    near, far = pair
    return _Counted(fileno=near.detach()), far


def _roomy(pair: Pair) -> Pair:
    """Let the far end write ahead as much as the kernel allows, up to several arenas."""
    pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PAYLOAD_ROOM)
    return pair


async def _turns_of_echoes(told: Session) -> int:
    """Have a guest answer a hundred keys; return how many turns that takes."""
    count = 0
    for _ in range(100):
        pressed, drawn = len(told.guest.received), len(told.browser.payload)
        told.browser.give(client_frame(b"k"))
        count += await told.turns(partial(_has, told.guest.received, pressed + 1))
        told.guest.give(b"s")
        count += await told.turns(partial(_has, told.browser.payload, drawn + 1))
    return count


def _has(data: bytearray, length: int) -> bool:
    return len(data) >= length


@pytest.mark.parametrize("pair", [unix_pair, tcp_pair])
def test_a_browser_that_stops_reading_costs_one_arena(pair: Callable[[], Pair]) -> None:
    """Beside it there is only what the kernel keeps for the two sockets."""

    async def story() -> None:
        async with session(pair(), pair()) as told:
            screens = [noise(1_000_000) for _ in range(16)]
            told.guest.give(*screens)
            for read_by_then in (0, 1_000_000, 3_000_000):
                told.browser.bite = 65_536
                await told.turns(partial(_has, told.browser.payload, read_by_then))
                told.browser.bite = 0
                await told.stand_still()
                assert told.guest.unsent, "the guest was read without bounds"
                assert told.held <= PAYLOAD_ROOM
            told.browser.bite = 1 << 20
            await told.turns(partial(_has, told.browser.payload, sum(map(len, screens))))
            assert told.browser.payload == b"".join(screens)

    asyncio.run(story())


@pytest.mark.parametrize("side", ["browser", "guest"])
def test_readers_that_have_stopped_cost_nobody_else_a_turn(side: str) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(session())
            turns_alone = await _turns_of_echoes(other)
            counted = []
            for _ in range(5):
                pairs = _counted(small(unix_pair())), _counted(small(unix_pair()))
                told = await stack.enter_async_context(session(*pairs))
                counted += [near for near, _ in pairs]
                reader: FarEnd = told.browser
                writer, data = told.guest, noise(4_000_000)
                if side == "guest":
                    reader, writer, data = told.guest, told.browser, client_frame(data)
                reader.bite = 0
                writer.give(data)
                await told.stand_still()
                assert writer.unsent
            calls = [sock.calls for sock in counted]
            assert await _turns_of_echoes(other) == turns_alone
            assert [sock.calls for sock in counted] == calls

    asyncio.run(story())


def test_a_key_waits_for_two_screens_at_most() -> None:
    """However many stream: for the one whose turn it is, and for the next in line."""

    async def story() -> None:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            streams = [await enter(session(None, _roomy(unix_pair()))) for _ in range(6)]
            ends: list[FarEnd] = []
            for told in streams:
                ends += [told.browser, told.guest]
                told.guest.give(*[bytes(PAYLOAD_ROOM)] * 200)
            typing = await enter(session())

            def moved() -> int:
                return sum(told.carried.relay.bytes_down for told in streams)

            # It has to be known of each that it streams.
            await turns(lambda: moved() > 40 * PAYLOAD_ROOM, *ends)
            for _ in range(20):
                for end in ends:
                    end.turn()
                before = moved()
                typing.browser.give(client_frame(b"k"))
                await turns(lambda: unread(typing.guest.sock), typing.browser)
                typing.guest.turn()
                assert moved() - before <= 2 * PAYLOAD_ROOM

    asyncio.run(story())
