"""A TCP relay that makes loopback as far away as a round trip says, and counts what it carries."""

import asyncio
import contextlib
import datetime
import socket
import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Self

_LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class Traffic:
    """What a relay has carried since ``DelayingRelay.forget``: TCP payload in bytes."""

    connections: int = 0
    to_server: int = 0
    to_browser: int = 0

    @property
    def total(self) -> int:
        """Bytes of both directions."""
        return self.to_server + self.to_browser


class DelayingRelay:
    """Listens on a port of loopback, and forwards to another one, late.

    Modelled: a byte arrives half a round trip after it was sent, and what is sent over a new
    connection leaves only when a TCP handshake would have been over, one round trip after it was
    asked for. Not modelled: bandwidth, loss, slow start, and the headers of TCP and IP. The event
    loop's timers add up to 1 ms each way.

    Args:
        server_port: on loopback.
        round_trip: in seconds; 0 only counts.
    """

    def __init__(self, server_port: int, round_trip: float) -> None:
        self._server_port = server_port
        self._round_trip = round_trip
        self._listener = socket.create_server((_LOOPBACK, 0))
        self._listener.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay")
        self._ends: list[_End] = []
        self.port = int(self._listener.getsockname()[1])
        self.traffic = Traffic()
        self._history: list[tuple[float, Traffic]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._accepting = asyncio.run_coroutine_threadsafe(self._accept(), self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        self._accepting.cancel()
        self.forget()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._listener.close()

    def forget(self) -> None:
        """End all connections, so that a browser has to open new ones, and count from zero."""
        asyncio.run_coroutine_threadsafe(self._forget(), self._loop).result()

    def traffic_until(self, moment: float) -> Traffic:
        """Return what had been carried at a moment, in seconds since 1970."""
        past = [traffic for at, traffic in self._history if at <= moment]
        return past[-1] if past else Traffic()

    def note(self) -> None:
        """Keep what has been carried up to now."""
        self._history.append(
            (datetime.datetime.now(datetime.UTC).timestamp(), replace(self.traffic))
        )

    async def _forget(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        self.traffic = Traffic()
        self._history.clear()
        # A transport has let go of its socket one turn of the loop later.
        await asyncio.sleep(0)

    async def _accept(self) -> None:
        loop, half = self._loop, self._round_trip / 2
        while True:
            connection, _ = await loop.sock_accept(self._listener)
            self.traffic.connections += 1
            self.note()
            established = loop.time() + self._round_trip
            server = socket.create_connection((_LOOPBACK, self._server_port))
            for sock in (connection, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            near, far = _End(self, "to_server", half, established), _End(self, "to_browser", half)
            near.peer, far.peer = far, near
            await loop.create_connection(lambda end=far: end, sock=server)  # type: ignore[misc]
            await loop.connect_accepted_socket(lambda end=near: end, connection)  # type: ignore[misc]
            self._ends += [near, far]


class _End(asyncio.Protocol):
    """One end of a connection: what comes in here leaves at its peer.

    Args:
        way: the field of ``Traffic`` that counts it.
        delay: in seconds.
        earliest: nothing counts as sent before this, in the loop's time.
    """

    def __init__(self, relay: DelayingRelay, way: str, delay: float, earliest: float = 0) -> None:
        self._relay = relay
        self._way = way
        self._delay = delay
        self._earliest = earliest
        self._under_way: deque[bytes] = deque()
        self.transport: asyncio.Transport
        self.peer: _End

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        traffic = self._relay.traffic
        setattr(traffic, self._way, getattr(traffic, self._way) + len(data))
        self._relay.note()
        self._send(data)

    def eof_received(self) -> bool:
        self._send(b"")
        return True

    def connection_lost(self, _: Exception | None) -> None:
        self._send(b"")

    def _send(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._under_way.append(data)
        loop.call_at(max(loop.time(), self._earliest) + self._delay, self._deliver)

    def _deliver(self) -> None:
        # Timers of one moment may fire in any order; bytes must not.
        data = self._under_way.popleft()
        to = self.peer.transport
        if data:
            to.write(data)
        elif not to.is_closing():
            # The other side may have reset it meanwhile.
            with contextlib.suppress(OSError):
                to.write_eof()
