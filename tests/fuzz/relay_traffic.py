"""What goes through a relay, cut where, between which sockets, and who is slow."""

import itertools
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from consoleproxy.frames import Opcode
from consoleproxy.hypervisor.websocket_stream import WebSocketStream
from consoleproxy.wire import Socket
from tests.unit.hypervisor.websocket_peers import frame
from tests.unit.relay.far_ends import FarEnd, Pair, secured, tcp_pair, unix_pair
from tests.unit.relay.reference import FarServer
from tests.wsclient import client_frame

_NOISE = random.Random(7).randbytes(1 << 19)
# Where pieces are of one size there are not many more of them, or an example would take a second.
_MOST_PIECES = 120


@dataclass(frozen=True, slots=True)
class Payload:
    """A place and a size in the noise: no two places are alike, and an example can be read."""

    place: int
    size: int

    @property
    def data(self) -> bytes:
        return _NOISE[self.place : self.place + self.size]


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame of the browser. A control frame's payload begins with its number."""

    opcode: Opcode
    payload: Payload
    key: bytes
    final: bool = True

    def frame(self, number: int) -> bytes:
        data = self.payload.data
        if self.opcode >= Opcode.CLOSE:
            data = b"%04d" % number + data
        return client_frame(data, self.opcode, final=self.final, mask=self.key)


@dataclass(frozen=True, slots=True)
class Traffic:
    """One session.

    Args:
        up: the browser's frames; its messages are complete.
        cuts: places where what the browser sends is cut, or the size of all pieces.
        early: whether the first piece comes behind the request.
        down: what the guest writes at a time.
        behind_login: what has come behind the login for the guest, and for the browser.
    """

    up: tuple[Sent, ...]
    cuts: tuple[int, ...] | int
    early: bool
    down: tuple[Payload, ...]
    behind_login: tuple[Payload, Payload]

    def stream(self, *, words: bool = False) -> bytes:
        """Return all that the browser sends.

        Args:
            words: with an echo before each message, and behind the last.
        """
        frames, between = [], True
        for number, sent in enumerate(self.up):
            if words and between:
                frames.append(client_frame(b"echo %d" % number, Opcode.TEXT, mask=sent.key))
            frames.append(sent.frame(number))
            if sent.opcode < Opcode.CLOSE:
                between = sent.final
        if words:
            frames.append(client_frame(b"echo %d" % len(self.up), Opcode.TEXT))
        return b"".join(frames)

    def cut(self, stream: bytes) -> list[bytes]:
        """Return the pieces that it is sent in; the first is what comes behind the request."""
        length = len(stream)
        if isinstance(self.cuts, int):
            size = max(self.cuts, length // _MOST_PIECES)
            edges = [*range(0, length, size), length]
        else:
            edges = sorted({0, length, *(cut % (length + 1) for cut in self.cuts)})
        pieces = [stream[start:stop] for start, stop in itertools.pairwise(edges)]
        # A client must wait for the answer (RFC 6455 section 4.1); one in a hurry is served too.
        return pieces if self.early and pieces else [b"", *pieces]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the relay's sockets and its far ends are."""

    browser_bite: int
    guest_bite: int
    small_towards_browser: bool
    small_towards_guest: bool


@dataclass(frozen=True, slots=True)
class Way:
    """What is between the relay and its far ends.

    Args:
        websocket: whether the guest is behind one.
    """

    pair: Callable[[], Pair] = unix_pair
    browser: Callable[[Pair], Pair] = lambda pair: pair
    guest: Callable[[Pair], Pair] = lambda pair: pair
    websocket: bool = False

    def guest_socket(self, sock: socket.socket) -> Socket:
        """Return what the relay has for its guest."""
        return WebSocketStream(sock) if self.websocket else sock

    def far_guest(self, sock: socket.socket, bite: int) -> FarEnd:
        """Return the guest."""
        return FarServer(sock, bite) if self.websocket else FarEnd(sock, bite)

    def written(self, data: bytes) -> bytes:
        """Return what the guest sends to write this."""
        if not self.websocket:
            return data
        half = len(data) // 2
        return (
            frame(data[:half], final=False)
            + frame(b"?", Opcode.PING)
            + frame(data[half:], Opcode.CONTINUATION)
        )


def _served(pair: Pair) -> Pair:
    return secured(pair, serving=True)


def _trusted(pair: Pair) -> Pair:
    return secured(pair, serving=False)


WAYS = {
    "plain": Way(),
    "tcp": Way(pair=tcp_pair),
    "tls": Way(browser=_served, guest=_trusted),
    "tls-on-tcp": Way(pair=tcp_pair, browser=_served, guest=_trusted),
    "websocket": Way(websocket=True),
    "websocket-in-tls": Way(guest=_trusted, websocket=True),
}

KEYS = st.binary(min_size=4, max_size=4)
_SIZES = st.one_of(
    st.integers(min_value=0, max_value=30),
    st.sampled_from([124, 125, 126, 127, 128, 1023, 16383, 16384, 16385, 65535, 65536, 70_000]),
    st.integers(min_value=0, max_value=5_000),
)
_PLACES = st.integers(min_value=0, max_value=1 << 17)
_PAYLOADS = st.builds(Payload, _PLACES, _SIZES)
# Where much comes at once, and goes on to, the relay may take another way.
_STREAMS = st.builds(Payload, _PLACES, st.sampled_from([1 << 16, 150_000, 300_000]))
_CONTROLS = st.builds(
    Sent,
    st.sampled_from([Opcode.PING, Opcode.PONG]),
    st.builds(Payload, st.just(0), st.integers(min_value=0, max_value=121)),
    KEYS,
)
_PARTS = st.tuples(st.lists(_CONTROLS, max_size=2), _PAYLOADS, KEYS)
_MESSAGES = st.lists(_PARTS, min_size=1, max_size=4)


def _frames(messages: list[list[tuple[list[Sent], Payload, bytes]]]) -> tuple[Sent, ...]:
    frames = []
    for message in messages:
        last = len(message) - 1
        for index, (controls, payload, key) in enumerate(message):
            opcode = Opcode.CONTINUATION if index else Opcode.BINARY
            if last and not index and not payload.size:
                # websockify's class takes a message whose first fragment is empty for none.
                payload = replace(payload, size=1)
            frames += [*controls, Sent(opcode, payload, key, final=index == last)]
    return tuple(frames)


TRAFFIC = st.builds(
    Traffic,
    st.lists(_MESSAGES, max_size=5).map(_frames),
    st.one_of(
        st.lists(st.integers(min_value=0, max_value=1 << 18), max_size=8).map(tuple),
        st.integers(min_value=1, max_value=50),
    ),
    st.booleans(),
    st.one_of(st.lists(_PAYLOADS, max_size=5), st.lists(_STREAMS, min_size=2, max_size=5)).map(
        tuple
    ),
    st.tuples(_PAYLOADS, _PAYLOADS),
)
_BITES = st.sampled_from([100, 3000, 1 << 20])
MANNERS = st.builds(Manner, _BITES, _BITES, st.booleans(), st.booleans())
