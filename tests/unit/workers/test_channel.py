"""Messages cross whole, calls get their answers, connections change hands; nonsense is the end."""

import array
import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from consoleproxy.workers.channel import Answering, ChannelClosed, channel_pair
from consoleproxy.workers.messages import (
    Admit,
    AskEmptied,
    AskReady,
    Done,
    Enter,
    Hello,
    Left,
    Message,
    Ready,
    Stop,
    encode,
)
from tests.unit.workers.rig import End, Other, end_of, run, until

_LONGEST_QUERY = 64 * 1024


def _with_peer(
    story: Callable[[End, Other], Coroutine[Any, Any, None]],
    answer: Callable[[Message], Answering | None] = lambda _: None,
) -> None:
    """Run a story of one end, whose other one the test plays."""

    async def opened() -> None:
        ours, theirs = channel_pair()
        with theirs:
            end = end_of(ours, answer)
            try:
                await story(end, Other(theirs))
            finally:
                end.channel.close()
                await end.channel.finished()

    run(opened)


def _with_both(
    story: Callable[[End, End], Coroutine[Any, Any, None]],
    answer: Callable[[Message], Answering | None] = lambda _: None,
) -> None:
    """Run a story of two ends, of which the second one answers."""

    async def opened() -> None:
        one, other = channel_pair()
        ends = end_of(one), end_of(other, answer)
        try:
            await story(*ends)
        finally:
            for end in ends:
                end.channel.close()
                await end.channel.finished()

    run(opened)


async def _ready(why_not: str) -> Message:
    return Ready(why_not)


async def _never() -> Message:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


def test_messages_come_in_their_order() -> None:
    async def story(one: End, other: End) -> None:
        told: list[Message] = [
            Hello(1),
            *(Left(key, cut=True, reason="left") for key in range(100)),
            Stop(),
        ]
        for message in told:
            one.channel.tell(message)
        await until(lambda: len(other.messages) == len(told))
        assert other.messages == told

    _with_both(story)


@pytest.mark.parametrize("character", ["t", "\\", "\x01", "ü", "☃"])
def test_the_longest_request_crosses(character: str) -> None:
    """Of a query, ``\\x01`` takes three bytes, and six in JSON."""

    async def story(one: End, other: End) -> None:
        percent = 3 * len(character.encode()) if character != "t" else 1
        token = character * (_LONGEST_QUERY // percent)
        others = {f"{number:064}": "b" * 64 for number in range(23)}
        admit = Admit(1, token, "", "2001:db8::7", "f" * 64, "f" * 64, "f" * 64, others)
        one.channel.tell(admit)
        await until(lambda: other.messages)
        assert other.messages == [admit]

    _with_both(story)


def test_each_call_gets_its_own_answer() -> None:
    turns: dict[int, asyncio.Event] = {}

    def answer(message: Message) -> Answering | None:
        assert isinstance(message, AskEmptied)
        turns[message.port] = asyncio.Event()
        return work(message.port)

    async def work(port: int) -> Message:
        await turns[port].wait()
        return Ready(str(port))

    async def story(one: End, _: End) -> None:
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(one.channel.call(AskEmptied(port))) for port in range(5)]
            await until(lambda: len(turns) == 5)
            for port in (3, 0, 4, 2, 1):
                turns[port].set()
                assert await calls[port] == Ready(str(port))

    _with_both(story, answer)


def test_an_answer_that_nobody_waits_for_any_more_is_dropped() -> None:
    async def story(end: End, other: Other) -> None:
        call = asyncio.get_running_loop().create_task(end.channel.call(AskReady()))
        number, _ = await other.receive()
        call.cancel()
        await asyncio.wait({call})
        other.send(Ready("late"), -number)
        other.send(Done(), -999)
        other.send(Hello(1))
        await until(lambda: end.messages)
        assert end.messages == [Hello(1)]
        assert end.closed == 0

    _with_peer(story)


def test_what_is_not_read_is_kept_and_counted_and_sent_later() -> None:
    async def story(end: End, other: Other) -> None:
        assert end.channel.backlog == 0
        count = 0
        while end.channel.backlog < 10:
            count += 1
            end.channel.tell(Left(count, cut=False, reason="left"))
        first = end.channel.backlog
        end.channel.tell(Stop())
        assert end.channel.backlog == first + 1
        for key in range(1, count + 1):
            assert await other.told() == Left(key, cut=False, reason="left")
        assert await other.told() == Stop()
        assert end.channel.backlog == 0

    _with_peer(story)


def test_a_connection_goes_along_and_is_closed_here() -> None:
    async def story(one: End, other: End) -> None:
        near, far = socket.socketpair()
        with far:
            one.channel.tell(Enter(1, ["203.0.113.7", 50000]), near)
            await until(lambda: other.messages)
            assert other.messages == [Enter(1, ["203.0.113.7", 50000])]
            (passed,) = other.connections
            assert passed is not None
            assert near.fileno() == -1
            assert not passed.getblocking()
            with passed:
                passed.send(b"hello")
                assert far.recv(5) == b"hello"
            assert far.recv(1) == b"", "nobody else has it open"

    _with_both(story)


def test_connections_come_with_their_own_messages() -> None:
    async def story(one: End, other: End) -> None:
        pairs = [socket.socketpair() for _ in range(100)]
        for number, (near, _) in enumerate(pairs):
            one.channel.tell(Left(number, cut=False, reason="left"))
            one.channel.tell(Enter(number, []), near)
        await until(lambda: len(other.messages) == 2 * len(pairs))
        for number, (_, far) in enumerate(pairs):
            assert other.connections[2 * number] is None
            passed = other.connections[2 * number + 1]
            assert passed is not None
            passed.send(bytes([number]))
            assert far.recv(1) == bytes([number])
            passed.close()
            far.close()

    _with_both(story)


def test_a_connection_that_cannot_be_sent_is_closed() -> None:
    async def story(end: End, other: Other) -> None:
        waiting, waiting_far = socket.socketpair()
        late, late_far = socket.socketpair()
        while not end.channel.backlog:
            end.channel.tell(Stop())
        end.channel.tell(Enter(1, []), waiting)
        assert waiting.fileno() >= 0
        end.channel.close()
        end.channel.tell(Enter(1, []), late)
        for near, far in ((waiting, waiting_far), (late, late_far)):
            assert near.fileno() == -1
            assert far.recv(1) == b""
            far.close()
        assert other.sock.fileno() >= 0

    _with_peer(story)


def _with_descriptor(data: bytes, connection: socket.socket, through: socket.socket) -> None:
    descriptors = array.array("i", [connection.fileno()])
    through.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])


def test_nonsense_closes_the_channel_and_the_connection_that_it_came_with(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(end: End, other: Other) -> None:
        near, far = socket.socketpair()
        with far:
            with near:
                _with_descriptor(b"nonsense", near, other.sock)
            other.send(Hello(1))
            await until(lambda: end.closed)
            assert far.recv(1) == b""
        assert end.messages == [], "what came behind is not read"
        with pytest.raises(EOFError):
            await other.receive()
        with pytest.raises(ChannelClosed):
            await end.channel.call(AskReady())
        end.channel.close()
        assert end.closed == 1

    _with_peer(story)
    assert "could not be taken" in caplog.text


def test_a_message_that_is_refused_closes_the_channel() -> None:
    def refuse(_: Message) -> None:
        raise LookupError("no such key")

    async def story(end: End, other: Other) -> None:
        near, far = socket.socketpair()
        with far:
            with near:
                _with_descriptor(encode(0, Enter(1, [])), near, other.sock)
            await until(lambda: end.closed)
            assert far.recv(1) == b""

    _with_peer(story, refuse)


@pytest.mark.parametrize("number", [0, 1])
def test_a_call_is_not_told_and_what_is_told_is_not_called(number: int) -> None:
    def answer(_: Message) -> Answering | None:
        return None if number else _ready("")

    async def story(end: End, other: Other) -> None:
        other.send(AskReady(), number)
        await until(lambda: end.closed)

    _with_peer(story, answer)


def test_an_answer_that_fails_closes_the_channel(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> Message:
        raise LookupError("a defect")

    async def story(end: End, other: Other) -> None:
        other.send(AskReady(), 1)
        await until(lambda: end.closed)
        with pytest.raises(EOFError):
            await other.receive()

    with caplog.at_level(logging.ERROR):
        _with_peer(story, lambda _: fail())
    assert "a defect" in caplog.text


def test_the_end_comes_after_all_that_was_sent() -> None:
    async def story(end: End, other: Other) -> None:
        # More than are read at a time.
        told: list[Message] = [Left(key, cut=False, reason="left") for key in range(100)]
        for message in told:
            other.send(message)
        other.sock.close()
        await until(lambda: end.closed)
        assert end.messages == told
        end.channel.tell(Stop())
        assert end.channel.backlog == 0
        assert end.closed == 1

    _with_peer(story)


@pytest.mark.parametrize("by_whom", ["us", "them"])
def test_calls_fail_when_the_channel_closes(by_whom: str) -> None:
    async def story(end: End, other: Other) -> None:
        call = asyncio.get_running_loop().create_task(end.channel.call(AskReady()))
        await other.receive()
        if by_whom == "us":
            end.channel.close()
        else:
            other.sock.close()
        with pytest.raises(ChannelClosed):
            await call
        assert end.closed == (by_whom == "them"), "who closes it knows"

    _with_peer(story)


def test_answers_are_given_up_when_the_channel_closes() -> None:
    given_up: list[bool] = []

    async def work() -> Message:
        try:
            return await _never()
        finally:
            given_up.append(True)

    async def story(end: End, other: Other) -> None:
        other.send(AskReady(), 1)
        await until(lambda: end.messages)
        await asyncio.sleep(0)
        end.channel.close()
        await end.channel.finished()
        assert given_up == [True]

    _with_peer(story, lambda _: work())


def test_an_answer_that_had_not_been_begun_is_given_up_in_silence() -> None:
    """A coroutine that is never awaited is a warning, and so an error."""

    async def story(end: End, other: Other) -> None:
        other.send(AskReady(), 1)
        other.send(Stop())
        await until(lambda: end.closed)
        await end.channel.finished()

    def answer(message: Message) -> Answering | None:
        return _never() if isinstance(message, AskReady) else _ready("")

    _with_peer(story, answer)
