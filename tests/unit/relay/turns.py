"""A relay and its far ends in one loop, in turns: what is cut where, and who is slow, is chosen.

Nothing here waits for time: a turn is one pass of the loop, in which each far end sends a piece and
reads a bite.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from consoleproxy.relay.channel import BrowserChannel
from consoleproxy.relay.end import AfterGuest, RelayEnd
from consoleproxy.relay.pump import Relay
from consoleproxy.wire import Socket, Wire
from tests.unit.relay.far_ends import FarBrowser, FarEnd, Pair, on_its_way, unix_pair, unread

HEADERS = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

# Far more than any story here takes; it is there so that a relay that hangs fails.
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Carried:
    """A relay that runs, in a task of its own."""

    channel: BrowserChannel
    relay: Relay
    running: asyncio.Task[RelayEnd]


@asynccontextmanager
async def relayed(
    browser: Socket,
    guest: Socket,
    *,
    early: bytes = b"",
    to_guest: bytes = b"",
    to_browser: bytes = b"",
    after_guest: AfterGuest = AfterGuest.CLOSE,
    echoes: bool = False,
) -> AsyncIterator[Carried]:
    """Run a relay between these sockets; what is left of it at the end is cancelled."""
    channel = BrowserChannel(browser, HEADERS, early, echoes=echoes)
    await channel.open()
    relay = Relay(
        channel,
        Wire(guest),
        to_guest=to_guest,
        to_browser=to_browser,
        after_guest=after_guest,
    )
    running = asyncio.get_running_loop().create_task(relay.run(), name="relay")
    try:
        yield Carried(channel, relay, running)
    finally:
        running.cancel()
        await asyncio.wait({running})
        channel.abort()


@dataclass(frozen=True, slots=True)
class Session:
    """A relay between plain sockets, and both its far ends."""

    carried: Carried
    near_browser: socket.socket
    near_guest: socket.socket
    browser: FarBrowser
    guest: FarEnd

    @property
    def held(self) -> int:
        """Bytes of the guest that the relay has, and not the kernel nor the browser.

        It is less by the headers of frames, and by what has arrived and was not acknowledged yet.
        """
        return _held(self.guest, self.near_guest, self.near_browser, self.browser)

    @property
    def held_upstream(self) -> int:
        """Bytes of the browser's frames that the relay has; otherwise the same."""
        return _held(self.browser, self.near_browser, self.near_guest, self.guest)

    async def turns(self, condition: Callable[[], object]) -> int:
        return await turns(condition, self.browser, self.guest)

    async def stand_still(self) -> None:
        await stand_still(self.browser, self.guest)


def _held(source: FarEnd, near_in: socket.socket, near_out: socket.socket, sink: FarEnd) -> int:
    taken = source.sent - on_its_way(source.sock) - unread(near_in)
    return taken - on_its_way(near_out) - unread(sink.sock) - len(sink.received)


@asynccontextmanager
async def session(
    browser_pair: Pair | None = None,
    guest_pair: Pair | None = None,
    *,
    after_guest: AfterGuest = AfterGuest.CLOSE,
    echoes: bool = False,
) -> AsyncIterator[Session]:
    """Run a relay whose browser has read the answer; where a pair is left out it is a Unix one."""
    near_browser, far_browser = browser_pair or unix_pair()
    near_guest, far_guest = guest_pair or unix_pair()
    browser, guest = FarBrowser(far_browser), FarEnd(far_guest)
    with far_browser, far_guest:
        async with relayed(
            near_browser, near_guest, after_guest=after_guest, echoes=echoes
        ) as carried:
            made = Session(carried, near_browser, near_guest, browser, guest)
            await made.turns(lambda: browser.head)
            yield made


async def turns(condition: Callable[[], object], *ends: FarEnd) -> int:
    """Let the far ends have their turns until the condition holds, and return how many that were.

    Raises:
        TimeoutError: it never did.
    """
    count = 0
    async with asyncio.timeout(_SECONDS):
        while not condition():
            count += 1
            for end in ends:
                end.turn()
            await asyncio.sleep(0)
    return count


async def stand_still(*ends: FarEnd) -> None:
    """Let them go on until nothing has moved for many turns, as where all buffers are full."""
    quiet, before = 0, None
    async with asyncio.timeout(_SECONDS):
        while quiet < 200:
            for end in ends:
                end.turn()
            await asyncio.sleep(0)
            now = [(end.sent, len(end.received)) for end in ends]
            quiet = quiet + 1 if now == before else 0
            before = now
