"""Connections are spread, workers that die or hang are replaced; the test plays the workers."""

import asyncio
import logging
import signal
import socket
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.context import ServerTls, TlsPolicy
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.workers import pool as pool_module
from consoleproxy.workers.messages import (
    Activity,
    Admit,
    Admitted,
    AskActivity,
    AskEmptied,
    Change,
    CloseDoor,
    Done,
    Enter,
    Hello,
    Message,
    OpenDoor,
    Opened,
    Stop,
)
from consoleproxy.workers.nursery import Nursery
from consoleproxy.workers.pool import Pool, WorkersDoNotStart
from tests.unit.keystore.authority import issue, make_chain
from tests.unit.workers.rig import CLIENT, Head, Other, query, run, until

pytestmark = pytest.mark.server

_ADDRESS = ("203.0.113.7", 50000)


class _Nursery(Nursery):
    """Makes no process: the test plays each worker at its end of the channel."""

    def __init__(self) -> None:
        self.workers: list[Other] = []
        self.gone = False
        self.closed = False

    def fork(self, channel: socket.socket) -> None:
        if self.gone:
            channel.close()
            raise BrokenPipeError("the nursery is gone")
        self.workers.append(Other(channel))

    def close(self) -> None:
        self.closed = True


class _House:
    """A pool, its nursery, and the head's books."""

    def __init__(self, count: int) -> None:
        self.head = Head()
        self.nursery = _Nursery()
        self.pool = Pool(self.nursery, self.head.admission, count)

    @property
    def workers(self) -> list[Other]:
        return self.nursery.workers

    async def start(self) -> None:
        starting = asyncio.get_running_loop().create_task(self.pool.start(str))
        await until(lambda: self.workers)
        for worker in self.workers:
            worker.send(Hello(0))
        await starting

    async def enters(self, door: Any) -> int:
        """Send a connection through the door; return the index of the worker that gets it."""
        near, far = socket.socketpair()
        with far:
            door.enter(near, _ADDRESS)
            assert near.fileno() == -1
            for index, worker in enumerate(self.workers):
                if worker.sock.fileno() < 0:
                    continue
                worker.sock.setblocking(False)
                try:
                    _, descriptors, _, _ = socket.recv_fds(worker.sock, 4096, 1)
                except BlockingIOError:
                    continue
                (descriptor,) = descriptors
                with socket.socket(fileno=descriptor) as passed:
                    passed.send(b"x")
                assert far.recv(2) == b"x"
                return index
        raise AssertionError("nobody got it")

    async def console(self, index: int, uuid: str) -> None:
        """Let a worker have a console more."""
        asked = query(uuid, vm=uuid)
        worker = self.workers[index]
        worker.send(Admit(1, asked.token, asked.extra, CLIENT, "", "", "", {}), 5)
        number, answer = await worker.receive()
        assert number == -5
        assert isinstance(answer, Admitted)
        worker.send(Opened(1))


def _with_house(story: Callable[[_House], Coroutine[Any, Any, None]], count: int = 2) -> None:
    """Run a story of a pool whose workers serve, and end it."""

    async def opened() -> None:
        house = _House(count)
        await house.start()
        try:
            await story(house)
        finally:
            for worker in house.workers:
                worker.sock.close()
            await house.pool.close()
        assert house.nursery.closed

    run(opened)


async def _opened(house: _House, tls: ServerTls | None = None) -> Any:
    """Open a door, which every worker is told of."""
    door = house.pool.door(tls)
    for worker in house.workers:
        assert isinstance(await worker.told(), OpenDoor)
    return door


def test_changed_settings_are_for_workers_of_now_and_of_later() -> None:
    async def story(house: _House) -> None:
        change = {"consoleproxy.session.timeout": "1000"}
        house.pool.change(change)
        for worker in house.workers:
            assert await worker.told() == Change(change)
        house.workers[0].sock.close()
        await until(lambda: len(house.workers) == 3)
        assert await house.workers[2].told() == Change(change)

    _with_house(story)


def test_it_starts_when_all_workers_serve() -> None:
    async def story() -> None:
        house = _House(3)
        starting = asyncio.get_running_loop().create_task(house.pool.start(str))
        await until(lambda: len(house.workers) == 3)
        for number, worker in enumerate(house.workers):
            assert house.pool.processes == number
            assert not starting.done()
            worker.send(Hello(0))
            await until(lambda n=number: house.pool.processes == n + 1)  # type: ignore[misc]
        await starting
        for worker in house.workers:
            worker.sock.close()
        await house.pool.close()
        assert house.pool.replaced == 0

    run(story)


def test_a_worker_that_ends_at_its_start_is_told_of_at_once() -> None:
    async def story() -> None:
        house = _House(2)
        starting = asyncio.get_running_loop().create_task(house.pool.start(str))
        await until(lambda: len(house.workers) == 2)
        house.workers[0].send(Hello(0))
        house.workers[1].sock.close()
        assert await house.workers[0].told() == Stop(), "the other one is not left behind"
        house.workers[0].sock.close()
        with pytest.raises(WorkersDoNotStart, match="ended"):
            await starting
        assert house.nursery.closed

    run(story)


def test_workers_that_do_not_start_are_not_waited_for_forever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "_START_SECONDS", 0.05)
    monkeypatch.setattr(pool_module, "_STOP_SECONDS", 0.05)

    async def story() -> None:
        house = _House(1)
        with pytest.raises(WorkersDoNotStart, match="in time"):
            await house.pool.start(str)
        (worker,) = house.workers
        assert await worker.told() == Stop()
        with pytest.raises(EOFError):
            await worker.told()
        worker.sock.close()

    run(story)


def test_where_no_worker_can_be_made_it_does_not_start() -> None:
    async def story() -> None:
        house = _House(2)
        house.nursery.gone = True
        with pytest.raises(OSError, match="nursery"):
            await house.pool.start(str)
        assert house.pool.processes == 0

    run(story)


def test_where_all_is_equal_each_worker_has_its_turn() -> None:
    async def story(house: _House) -> None:
        door = await _opened(house)
        given = [await house.enters(door) for _ in range(6)]
        assert sorted(given[:3]) == [0, 1, 2]
        assert given[3:] == given[:3]

    _with_house(story, count=3)


def test_the_worker_with_the_fewest_consoles_is_chosen() -> None:
    async def story(house: _House) -> None:
        door = await _opened(house)
        await house.console(0, "uuid-a")
        assert {await house.enters(door) for _ in range(4)} == {1}
        await house.console(1, "uuid-b")
        assert {await house.enters(door) for _ in range(4)} == {0, 1}

    _with_house(story)


def test_a_worker_that_takes_nothing_gets_nothing() -> None:
    async def story(house: _House) -> None:
        door = await _opened(house)
        await house.console(0, "uuid-a")
        kept: list[socket.socket] = []
        count = 0
        while True:
            near, far = socket.socketpair()
            kept.append(far)
            door.enter(near, _ADDRESS)
            count += 1
            if near.fileno() >= 0:
                break
        assert await house.enters(door) == 0, "though it has a console, and the other none"
        for far in kept:
            far.close()

    _with_house(story)


def test_a_connection_that_nobody_can_serve_is_closed() -> None:
    async def story(house: _House) -> None:
        door = await _opened(house)
        house.workers[0].sock.close()
        await until(lambda: house.pool.processes == 0)
        near, far = socket.socketpair()
        with far:
            door.enter(near, _ADDRESS)
            assert far.recv(1) == b""

    _with_house(story, count=1)


def test_a_worker_that_died_is_replaced_and_told_of_the_doors(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pool_module, "_SHORT_LIFE_SECONDS", 0.0)

    async def story(house: _House) -> None:
        first = await _opened(house)
        gone = await _opened(house)
        third = await _opened(house)
        await gone.close()
        assert await _told_by_all(house) == [CloseDoor(2)] * 2
        await house.console(1, "uuid-a")
        house.workers[1].sock.close()
        await until(lambda: len(house.workers) == 3)
        assert len(house.head.registry) == 0
        new = house.workers[2]
        assert [await new.told(), await new.told()] == [first.description(), third.description()]
        assert (house.pool.processes, house.pool.replaced) == (1, 1)
        new.send(Hello(0))
        await until(lambda: house.pool.processes == 2)
        assert {await house.enters(first) for _ in range(2)} == {0, 2}

    _with_house(story)
    assert "a worker process died" in caplog.text


def test_a_worker_that_lived_shortly_is_not_replaced_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "_SHORT_LIFE_SECONDS", 0.3)

    async def story(house: _House) -> None:
        loop = asyncio.get_running_loop()
        for count in (2, 3):
            before = loop.time()
            house.workers[-1].sock.close()
            await until(lambda n=count: len(house.workers) == n)  # type: ignore[misc]
            # The first one has lived for a moment.
            assert loop.time() - before > 0.2

    _with_house(story, count=1)


def test_without_the_nursery_the_other_workers_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pool_module, "_SHORT_LIFE_SECONDS", 0.0)

    async def story(house: _House) -> None:
        door = await _opened(house)
        house.nursery.gone = True
        house.workers[0].sock.close()
        await until(lambda: "restart this proxy" in caplog.text)
        assert await house.enters(door) == 1
        assert (house.pool.processes, house.pool.replaced) == (1, 1)

    with caplog.at_level(logging.CRITICAL):
        _with_house(story)


@contextmanager
def _stopped_process() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that hangs, as a worker may."""
    with subprocess.Popen(["sleep", "60"]) as process:
        process.send_signal(signal.SIGSTOP)
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_that_hangs_is_killed_at_the_refresh_and_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "_SHORT_LIFE_SECONDS", 0.0)
    monkeypatch.setattr(pool_module, "_ANSWER_SECONDS", 0.05)

    async def story(house: _House) -> None:
        hung, other = house.workers
        hung.send(Hello(process.pid))
        await house.console(0, "uuid-a")
        await house.console(1, "uuid-b")
        refreshing = asyncio.get_running_loop().create_task(house.pool.refresh())
        number, asked = await other.receive()
        assert asked == AskActivity()
        other.send(Activity([(1, 500, 20, 1.0)]))
        other.send(Done(), -number)
        await refreshing
        assert process.wait() == -signal.SIGKILL
        (session,) = house.head.registry
        assert (session.uuid, session.bytes_down) == ("uuid-b", 500)
        await until(lambda: len(house.workers) == 3)
        assert house.pool.replaced == 1

    with _stopped_process() as process:
        _with_house(story)


def test_a_worker_that_hangs_is_found_out_where_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "_SHORT_LIFE_SECONDS", 0.0)
    monkeypatch.setattr(pool_module, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(pool_module, "_ANSWER_SECONDS", 0.05)

    async def story(house: _House) -> None:
        house.workers[0].send(Hello(process.pid))
        await until(lambda: len(house.workers) == 2)
        assert process.wait() == -signal.SIGKILL

    with _stopped_process() as process:
        _with_house(story, count=1)


def test_a_port_is_empty_when_no_worker_has_a_console_of_it() -> None:
    async def story(house: _House) -> None:
        emptied = asyncio.get_running_loop().create_task(house.pool.emptied(8080))
        numbers = []
        for worker in house.workers:
            number, asked = await worker.receive()
            assert asked == AskEmptied(8080)
            numbers.append(number)
        house.workers[0].send(Done(), -numbers[0])
        assert not (await asyncio.wait({emptied}, timeout=0.01))[0]
        house.workers[1].send(Done(), -numbers[1])
        await emptied

    _with_house(story)


async def _told_by_all(house: _House) -> list[Message]:
    return [await worker.told() for worker in house.workers]


def test_a_door_and_its_certificate_are_told_to_all() -> None:
    keystore = parse_keystore(make_chain().blobs)
    renewed = parse_keystore(make_chain().blobs)

    async def story(house: _House) -> None:
        door = house.pool.door(None)
        assert await _told_by_all(house) == [OpenDoor(1, "", "")] * 2
        door.change(ServerTls(keystore, TlsPolicy.MODERN))
        assert await _told_by_all(house) == [OpenDoor(1, keystore.pem().decode(), "modern")] * 2
        other = house.pool.door(ServerTls(renewed, TlsPolicy.INTERMEDIATE))
        told = OpenDoor(2, renewed.pem().decode(), "intermediate")
        assert await _told_by_all(house) == [told] * 2
        door.change(None)
        assert await _told_by_all(house) == [OpenDoor(1, "", "")] * 2
        await other.close()
        assert await _told_by_all(house) == [CloseDoor(2)] * 2

    _with_house(story)


@pytest.mark.parametrize("fault", ["another key", "too large for a message"])
def test_a_bad_certificate_is_told_to_nobody(fault: str) -> None:
    chain = make_chain()
    sound = parse_keystore(chain.blobs)
    if fault == "another key":
        bad_one = replace(sound, private_key=issue("a").key)
    else:
        bad_one = replace(sound, intermediates=sound.intermediates * 300)
    bad = ServerTls(bad_one, TlsPolicy.MODERN)

    async def story(house: _House) -> None:
        door = await _opened(house)
        with pytest.raises(KeystoreInvalid):
            door.change(bad)
        with pytest.raises(KeystoreInvalid):
            house.pool.door(bad)
        assert door.description() == OpenDoor(1, "", "")
        await door.close()
        assert await _told_by_all(house) == [CloseDoor(1)] * 2

    _with_house(story)


def test_a_connection_says_where_it_comes_from_and_through_which_door() -> None:
    async def story(house: _House) -> None:
        await _opened(house)
        door = await _opened(house)
        near, far = socket.socketpair()
        with far:
            door.enter(near, ("2001:db8::7", 50000, 0, 0))
            assert await house.workers[0].told() == Enter(2, ["2001:db8::7", 50000, 0, 0])

    _with_house(story, count=1)


def test_at_its_end_it_waits_for_the_workers() -> None:
    async def story(house: _House) -> None:
        closing = asyncio.get_running_loop().create_task(house.pool.close())
        assert await _told_by_all(house) == [Stop()] * 2
        for worker in house.workers:
            assert not house.nursery.closed
            worker.sock.close()
        await closing
        assert house.pool.replaced == 0

    _with_house(story)


def test_at_its_end_a_worker_that_hangs_is_killed_and_its_sessions_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last load report has to say so."""
    monkeypatch.setattr(pool_module, "_STOP_SECONDS", 0.05)

    async def story(house: _House) -> None:
        house.workers[0].send(Hello(process.pid))
        await house.console(0, "uuid-a")
        await house.pool.close()
        assert process.wait() == -signal.SIGKILL
        assert len(house.head.registry) == 0
        assert house.pool.processes == 0

    with _stopped_process() as process:
        _with_house(story)
