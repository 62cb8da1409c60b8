"""DNS over TCP (RFC 7766): any number of queries on a connection, each behind its length."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

Respond = Callable[[bytes], bytes | None]

_PREFIX_SIZE = 2
# Queries of one connection that are answered before others get their turn.
_BATCH = 32


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """What connections may cost.

    Args:
        idle: seconds without a whole query after which a connection is closed.
        connections: if there are more, the one that asked longest ago is closed.
    """

    idle: float = 10.0
    connections: int = 200


class TcpResponder:
    """All connections of one listening socket; call it for a new one's protocol."""

    def __init__(self, respond: Respond, limits: TcpLimits) -> None:
        self.respond = respond
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._last_query: dict[_Connection, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Connection(self)

    def __len__(self) -> int:
        """Connections that are open."""
        return len(self._last_query)

    def close(self) -> None:
        """Cut all connections."""
        for connection in list(self._last_query):
            connection.abort()
        if self._timer is not None:
            self._timer.cancel()

    def active(self, connection: "_Connection") -> None:
        """Note that a connection is new or had a query: it is the last one to be closed now."""
        self._last_query.pop(connection, None)
        self._last_query[connection] = self._loop.time()
        if len(self._last_query) > self._limits.connections:
            next(iter(self._last_query)).abort()
        if self._timer is None:
            self._timer = self._loop.call_later(self._limits.idle, self._close_idle)

    def gone(self, connection: "_Connection") -> None:
        """Forget a connection."""
        self._last_query.pop(connection, None)

    def _close_idle(self) -> None:
        self._timer = None
        now = self._loop.time()
        for connection, last in list(self._last_query.items()):
            left = last + self._limits.idle - now
            if left > 0:
                self._timer = self._loop.call_later(left, self._close_idle)
                break
            connection.abort()


class _Connection(asyncio.Protocol):
    def __init__(self, owner: TcpResponder) -> None:
        self._owner = owner
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._client_reads = True
        self._ended = False
        self._scheduled = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._owner.active(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._owner.gone(self)

    def abort(self) -> None:
        """Close now, and be forgotten."""
        self._owner.gone(self)
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._work()

    def eof_received(self) -> bool:
        # What was asked before is still answered; the transport stays open for it.
        self._ended = True
        self._work()
        return True

    def pause_writing(self) -> None:
        self._client_reads = False

    def resume_writing(self) -> None:
        self._client_reads = True
        self._work()

    def _work(self) -> None:
        """Answer some of what is there; read on only when nothing is left to answer."""
        transport = self._transport
        if self._scheduled or transport is None:
            return
        for _ in range(_BATCH):
            query = self._next_query() if self._client_reads else None
            if query is None:
                break
            answer = self._owner.respond(query)
            if answer is None:
                self.abort()
                return
            self._owner.active(self)
            transport.write(len(answer).to_bytes(_PREFIX_SIZE, "big") + answer)
        self._go_on(transport)

    def _go_on(self, transport: asyncio.Transport) -> None:
        if self._has_query():
            transport.pause_reading()
            if self._client_reads:
                self._scheduled = True
                asyncio.get_running_loop().call_soon(self._work_again)
        elif self._ended:
            transport.close()
        else:
            transport.resume_reading()

    def _work_again(self) -> None:
        self._scheduled = False
        self._work()

    def _has_query(self) -> bool:
        return len(self._received) >= self._query_end()

    def _next_query(self) -> bytes | None:
        if not self._has_query():
            return None
        end = self._query_end()
        query = bytes(self._received[_PREFIX_SIZE:end])
        del self._received[:end]
        return query

    def _query_end(self) -> int:
        prefix = self._received[:_PREFIX_SIZE].ljust(_PREFIX_SIZE, b"\0")
        return _PREFIX_SIZE + int.from_bytes(prefix, "big")
