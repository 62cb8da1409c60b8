"""The relay against websockify's ``WebSocket`` class, byte for byte, on real sockets.

Both get the same traffic: messages in fragments, control frames between and inside them, everything
cut anywhere. websockify's class has room for all and prompt readers, as it cannot do without: a
ping while its socket is full makes it raise. The relay has small buffers and slow readers.

The guest must receive the same bytes. The browser must receive the same opening answer, the same
payload and the same control frames, in data frames of any size. Where the two differ on purpose:

- websockify answers every ping; the relay the last of those that it read together, as RFC 6455
  section 5.5.3 allows. So its pongs are some of websockify's, in their order, and the last is the
  last. Between which data frames a pong stands depends on nothing but the sockets.
- websockify's class passes on whole messages, the relay whatever has come: so every message here
  is complete.
- websockify delivers what stands before and behind a fault; the relay drops what it read together
  with it and all that follows. Only where RFC 6455 section 7.4.1 leaves no choice of a code, it is
  the same.
- The reason of a close frame that is not an answer is in each one's own words.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.frames import Opcode
from consoleproxy.relay.end import RelayEnd
from consoleproxy.wire import Socket
from tests.fuzz.relay_traffic import KEYS, MANNERS, TRAFFIC, WAYS, Manner, Payload, Traffic, Way
from tests.unit.relay.far_ends import FarBrowser, close_body, small
from tests.unit.relay.reference import FarServer, Reference
from tests.unit.relay.turns import relayed, turns
from tests.wsclient import client_frame

pytestmark = pytest.mark.server

# An example costs as much as hundreds of the login parsers'.
_EXAMPLES = min(settings().max_examples // 2, 5_000)
# A slow reader takes all in about so many bites.
_MOST_BITES = 120

_BODIES = st.one_of(
    st.binary(max_size=1),
    st.builds(close_body, st.integers(min_value=0, max_value=65535), st.binary(max_size=123)),
)
_FAULTS = [
    (1002, b"\x82\x01x"),
    (1002, b"\x89\x00"),
    (1002, client_frame(b"", Opcode.CONTINUATION)),
    (1002, client_frame(b"first", final=False) + client_frame(b"second")),
    (1003, client_frame(b"text", Opcode.TEXT)),
    (1003, client_frame(b"", Opcode.TEXT, final=False)),
]
_EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


class Session:
    """A relay's sockets and far ends for this traffic, and what websockify makes of it."""

    def __init__(self, way: Way, manner: Manner, traffic: Traffic, *, words: bool) -> None:
        stream = traffic.stream()
        self._words = words
        self._early, *pieces = traffic.cut(traffic.stream(words=words))
        self._behind_login = [payload.data for payload in traffic.behind_login]
        to_guest, to_browser = self._behind_login
        self.reference = Reference()
        self.reference.to_guest(to_guest)
        self.reference.from_browser(stream)
        for data in (to_browser, *(payload.data for payload in traffic.down)):
            self.reference.from_guest(data)
        near_browser, far_browser = way.browser(way.pair())
        near_guest, far_guest = way.guest(way.pair())
        if manner.small_towards_browser:
            small((near_browser, far_browser))
        if manner.small_towards_guest:
            small((near_guest, far_guest))
        up, down = len(self.reference.guest.received), len(self.reference.browser.received)
        self._near: tuple[Socket, Socket] = near_browser, way.guest_socket(near_guest)
        self.browser = FarBrowser(far_browser, max(manner.browser_bite, down // _MOST_BITES))
        self.guest = way.far_guest(far_guest, max(manner.guest_bite, up // _MOST_BITES))
        self.browser.give(*pieces)
        self.guest.give(*(way.written(payload.data) for payload in traffic.down))

    def tell(self, story: Callable[[], Awaitable[None]]) -> RelayEnd:
        """Run the relay and the story, at the end of which both far ends are let go."""

        async def told() -> RelayEnd:
            to_guest, to_browser = self._behind_login
            async with relayed(
                *self._near,
                early=self._early,
                to_guest=to_guest,
                to_browser=to_browser,
                echoes=self._words,
            ) as carried:
                await story()
                await self.turns(lambda: self.browser.ended and self.guest.ended)
                return await carried.running

        return asyncio.run(told())

    async def turns(self, condition: Callable[[], object]) -> None:
        await turns(condition, self.browser, self.guest)

    def close(self) -> None:
        self.reference.close()
        for end in (self.browser, self.guest):
            end.sock.close()

    @property
    def at_guest(self) -> bytes:
        """The payload that the guest has received."""
        guest = self.guest
        return bytes(guest.payload if isinstance(guest, FarServer) else guest.received)

    @property
    def has_arrived(self) -> bool:
        """Whether everything has, as far as that can be told from its size."""
        wanted = self.reference.browser
        return (
            bool(self.browser.head)
            and len(self.at_guest) >= len(self.reference.guest.received)
            and len(self.browser.payload) >= len(wanted.payload)
            and self.browser.pongs[-1:] == wanted.pongs[-1:]
        )

    def compare(self, *, cut_short: bool = False) -> None:
        """Compare what has arrived with what websockify's class made of it.

        Args:
            cut_short: whether the guest may not have been read to its end.
        """
        wanted = self.reference.browser
        assert self.at_guest == self.reference.guest.received
        assert self.browser.head == wanted.head
        end = len(self.browser.payload) if cut_short else None
        assert self.browser.payload == wanted.payload[:end]
        assert self.browser.between_frames
        every = iter(wanted.pongs)
        assert all(pong in every for pong in self.browser.pongs), "some of them, in their order"
        assert self.browser.pongs[-1:] == wanted.pongs[-1:]


@contextmanager
def _session(
    way: Way, manner: Manner, traffic: Traffic, *, words: bool = False
) -> Iterator[Session]:
    session = Session(way, manner, traffic, words=words)
    try:
        yield session
    finally:
        session.close()


@_EVERY_WAY
@settings(max_examples=_EXAMPLES, deadline=None)
@given(TRAFFIC, MANNERS, st.none() | _BODIES, KEYS)
def test_all_arrives_and_then_one_side_closes(
    way: Way, traffic: Traffic, manner: Manner, body: bytes | None, key: bytes
) -> None:
    """``body`` is that of the browser's close frame; where there is none, the guest ends."""

    async def story() -> None:
        browser, reference = session.browser, session.reference
        await session.turns(lambda: session.has_arrived)
        session.compare()
        closing = body
        if closing is None:
            session.guest.finish_sending()
            await session.turns(lambda: browser.close)
            closing = browser.close or b""
            assert closing[:2] == close_body(1000)
        frame = client_frame(closing, Opcode.CLOSE, mask=key)
        browser.give(frame[:3], frame[3:])
        reference.from_browser(frame)

    with _session(way, manner, traffic) as session:
        assert session.tell(story).who == ("guest" if body is None else "browser")
        session.compare()
        assert session.browser.close == session.reference.browser.close


@_EVERY_WAY
@settings(max_examples=_EXAMPLES, deadline=None)
@given(TRAFFIC, MANNERS)
def test_words_beside_the_streams_change_neither(
    way: Way, traffic: Traffic, manner: Manner
) -> None:
    """websockify's class hears none of them."""

    async def story() -> None:
        browser = session.browser
        await session.turns(lambda: session.has_arrived and browser.words)
        session.compare()
        assert all(word.startswith(b"echo ") for word in browser.words)
        browser.give(client_frame(close_body(1000), Opcode.CLOSE))

    with _session(way, manner, traffic, words=True) as session:
        assert session.tell(story).who == "browser"
        session.compare()


@_EVERY_WAY
@settings(max_examples=_EXAMPLES, deadline=None)
@given(TRAFFIC, MANNERS, _BODIES, KEYS)
def test_the_browser_closes_right_behind_what_it_sends(
    way: Way, traffic: Traffic, manner: Manner, body: bytes, key: bytes
) -> None:
    """The guest takes all at once: the relay does not wait for one that leaves something unread."""

    async def story() -> None:
        frame = client_frame(body, Opcode.CLOSE, mask=key)
        session.reference.from_browser(frame)
        session.browser.give(frame)

    prompt = replace(manner, guest_bite=1 << 20, small_towards_guest=False)
    behind_login = Payload(0, 0), traffic.behind_login[1]
    nothing_waits = replace(traffic, early=False, behind_login=behind_login)
    with _session(way, prompt, nothing_waits) as session:
        assert session.tell(story).who == "browser"
        session.compare(cut_short=True)
        assert session.browser.close == session.reference.browser.close


@settings(max_examples=_EXAMPLES, deadline=None)
@given(TRAFFIC, MANNERS, st.sampled_from(_FAULTS))
def test_all_arrives_and_then_the_browser_breaks_the_protocol(
    traffic: Traffic, manner: Manner, code_and_fault: tuple[int, bytes]
) -> None:
    code, fault = code_and_fault

    async def story() -> None:
        browser = session.browser
        await session.turns(lambda: session.has_arrived)
        session.reference.from_browser(fault)
        browser.give(fault, client_frame(b"behind"))
        await session.turns(lambda: browser.close)
        # Its close frame would not be looked at any more, nor anything else.
        browser.finish_sending()

    with _session(WAYS["plain"], manner, traffic) as session:
        assert session.tell(story).who == "protocol"
        session.compare()
        told = session.browser.close, session.reference.browser.close
        assert [(body or b"")[:2] for body in told] == [close_body(code)] * 2
