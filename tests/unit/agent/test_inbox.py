import asyncio

import pytest

from consoleproxy.agent.conversation import Asked
from consoleproxy.agent.inbox import Inbox
from consoleproxy.agent.packet import Flag, Packet


def asked(sequence: int, size: int = 10) -> Asked:
    return Asked(Packet(flags=Flag.REQUEST, sequence=sequence, payload=bytes(size)), (), "")


@pytest.mark.parametrize(("count", "size"), [(1024, 1), (4, 4 * 1024 * 1024)])
def test_bounded_and_in_order(count: int, size: int) -> None:
    async def story() -> None:
        inbox = Inbox()
        for number in range(count):
            await inbox.put(asked(number, size))
        late = asyncio.get_running_loop().create_task(inbox.put(asked(count)), name="late")
        await asyncio.sleep(0)
        assert not late.done()
        found = [(await inbox.get()).packet.sequence for _ in range(count + 1)]
        assert found == list(range(count + 1))
        await late

    asyncio.run(story())
