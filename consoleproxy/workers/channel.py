"""Messages between head and worker over a pair of connected sockets, calls and answers."""

import array
import asyncio
import contextlib
import logging
import socket
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from consoleproxy.workers.messages import Message, MessageInvalid, decode, encode

_log = logging.getLogger(__name__)

# A whole message is one packet. The longest is a console's request: a query of 64 KiB, twice that
# in UTF-8.
_PACKET_ROOM = 192 * 1024
_SOCKET_ROOM = 1024 * 1024
_MESSAGES_AT_ONCE = 32
_DESCRIPTOR = array.array("i", [0])

Answering: TypeAlias = Coroutine[Any, Any, Message]
Answer: TypeAlias = Message | Answering | None


class ChannelClosed(Exception):
    """The other process is gone."""


def channel_pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a new channel."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (one, other):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_ROOM)
    return one, other


class Channel:
    """One end of a channel.

    Args:
        sock: one of ``channel_pair``.
        received: gets each message that is no answer, with the connection that came along; for a
            call it returns the answer, or what works it out. Whatever it raises closes the channel.
        closed: is called once, when the other process is gone or sent nonsense.
    """

    def __init__(
        self,
        sock: socket.socket,
        received: Callable[[Message, socket.socket | None], Answer],
        closed: Callable[[], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._received = received
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(_PACKET_ROOM)
        self._unsent: deque[tuple[bytes, socket.socket | None]] = deque()
        self._stuck = False
        self._calls: dict[int, asyncio.Future[Message]] = {}
        self._last_call = 0
        self._answering: set[asyncio.Task[None]] = set()
        self._loop.add_reader(sock, self._readable)

    @property
    def backlog(self) -> int:
        """How many messages the other process has not taken from us."""
        return len(self._unsent)

    def tell(self, message: Message, connection: socket.socket | None = None) -> None:
        """Send a message, and a connection that is closed here then; nothing if it is closed."""
        self._send(0, message, connection)

    async def call(self, message: Message) -> Message:
        """Send a message and return its answer.

        Raises:
            ChannelClosed: there will be none.
        """
        if self._sock.fileno() < 0:
            raise ChannelClosed
        self._last_call += 1
        number = self._last_call
        answer: asyncio.Future[Message] = self._loop.create_future()
        self._calls[number] = answer
        self._send(number, message)
        try:
            return await answer
        finally:
            del self._calls[number]

    def close(self) -> None:
        """Close this end; calls under way fail, and answers that are worked out are given up."""
        if self._sock.fileno() < 0:
            return
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for _, connection in self._unsent:
            if connection is not None:
                connection.close()
        self._unsent.clear()
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(ChannelClosed())
        for task in self._answering:
            task.cancel()

    async def finished(self) -> None:
        """Wait until every answer that was being worked out has been, or was given up."""
        while self._answering:
            await asyncio.wait(self._answering)

    def _send(self, number: int, message: Message, connection: socket.socket | None = None) -> None:
        self._unsent.append((encode(number, message), connection))
        if len(self._unsent) == 1:
            self._writable()

    def _writable(self) -> None:
        while self._unsent:
            data, connection = self._unsent[0]
            try:
                if connection is None:
                    self._sock.send(data)
                else:
                    socket.send_fds(self._sock, [data], [connection.fileno()])
            except BlockingIOError:
                if not self._stuck:
                    self._stuck = True
                    self._loop.add_writer(self._sock, self._writable)
                return
            except OSError:
                # The reader sees the end of the channel, and what came before it.
                pass
            self._unsent.popleft()
            if connection is not None:
                connection.close()
        if self._stuck and self._sock.fileno() >= 0:
            self._stuck = False
            self._loop.remove_writer(self._sock)

    def _readable(self) -> None:
        for _ in range(_MESSAGES_AT_ONCE):
            try:
                size, ancillary, _, _ = self._sock.recvmsg_into(
                    [self._buffer], socket.CMSG_SPACE(_DESCRIPTOR.itemsize)
                )
            except BlockingIOError:
                return
            except OSError:
                size, ancillary = 0, []
            connection = _connection(ancillary)
            try:
                if not size:
                    self._end()
                    return
                self._take(*decode(bytes(memoryview(self._buffer)[:size])), connection)
            except Exception:
                _log.exception("a message of another process could not be taken")
                if connection is not None:
                    connection.close()
                self._end()
            if self._sock.fileno() < 0:
                return

    def _take(self, number: int, message: Message, connection: socket.socket | None) -> None:
        if number < 0:
            answer = self._calls.get(-number)
            if answer is not None and not answer.done():
                answer.set_result(message)
            return
        work = self._received(message, connection)
        if (work is None) == (number > 0):
            if isinstance(work, Coroutine):
                work.close()
            raise MessageInvalid(f"{type(message).__name__} is not to be sent like this")
        if isinstance(work, Coroutine):
            task = self._loop.create_task(self._answer(number, work), name="answer")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
            # One that is cancelled before its first step has not begun the work.
            task.add_done_callback(lambda _: work.close())
        elif work is not None:
            self._send(-number, work)

    async def _answer(self, number: int, work: Answering) -> None:
        try:
            self._send(-number, await work)
        except Exception:
            _log.exception("another process could not be answered")
            self._end()

    def _end(self) -> None:
        if self._sock.fileno() >= 0:
            self.close()
            self._closed()


def _connection(ancillary: list[tuple[int, int, bytes]]) -> socket.socket | None:
    """Return the connection that came along, if one did."""
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            return connection
    return None
