"""One buffer for a loop, none shared between loops."""

import asyncio

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
    arena = Arena()
    arena.payload[0] = 0x2A
    assert arena.buffer[HEADER_ROOM] == 0x2A
    assert len(arena.payload) == PAYLOAD_ROOM
