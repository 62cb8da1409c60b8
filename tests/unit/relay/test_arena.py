"""One buffer for a loop, none shared between loops."""

import asyncio
import os

from consoleproxy.frames import HEADER_ROOM
from consoleproxy.relay.arena import PAYLOAD_ROOM, Arena, arena_of


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
