"""The head's side of one worker: the test plays the worker, message by message."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from consoleproxy.errors import (
    AuthenticationRefused,
    ManagementUnavailable,
    SessionReplaced,
    SessionUsed,
)
from consoleproxy.workers.desk import Desk
from consoleproxy.workers.messages import (
    Activity,
    Admit,
    Admitted,
    Allowed,
    AskActivity,
    AskEmptied,
    AskReady,
    AskTabs,
    Authenticate,
    Confirm,
    Done,
    End,
    Enter,
    Hello,
    Left,
    Message,
    Opened,
    Ready,
    Refused,
    Stop,
    Tabs,
    encode,
)
from tests.unit.workers.rig import CLIENT, CloudServer, Head, Other, query, run, until

_LIMIT = 0.05


def _willing_cloud() -> CloudServer:
    cloud = CloudServer()
    cloud.allowed.set()
    return cloud


def _with_worker(
    story: Callable[[Head, Desk, Other], Coroutine[Any, Any, None]],
    cloud: CloudServer | None = None,
) -> None:
    async def opened() -> None:
        head = Head(cloud=cloud)
        desk, theirs = head.desk()
        with theirs:
            try:
                await story(head, desk, Other(theirs))
            finally:
                desk.channel.close()
                await desk.channel.finished()

    run(opened)


def _admit(key: int, uuid: str, vm: str = "vm-1") -> Admit:
    asked = query(uuid, vm)
    return Admit(key, asked.token, asked.extra, CLIENT, "", "", "", {})


async def _answer(worker: Other, message: Message) -> Message:
    worker.send(message, 7)
    number, answer = await worker.receive()
    assert number == -7
    return answer


def test_a_worker_that_says_hello_serves() -> None:
    async def story(_: Head, desk: Desk, worker: Other) -> None:
        assert not desk.ready.is_set()
        worker.send(Hello(1))
        await desk.ready.wait()

    _with_worker(story)


def test_a_console_from_its_admission_to_its_end() -> None:
    async def story(head: Head, desk: Desk, worker: Other) -> None:
        asked = _admit(3, "uuid-a")
        admitted = await _answer(worker, asked)
        (session,) = head.registry
        assert admitted == Admitted(
            1, "uuid-a", "vm-1", False, session.began, session.created_epoch, {}
        )
        assert (session.client_address, session.password) == (CLIENT, "secret")
        assert desk.load[:2] == (0, 1)

        allowed = await _answer(worker, Authenticate(3, again=False))
        assert isinstance(allowed, Allowed)
        assert allowed.endpoint["host"] == "10.1.1.99"
        assert allowed.endpoint["password"] == "secret"
        assert (session.authenticated, head.changes) == (True, 1)

        worker.send(Opened(3))
        worker.send(Activity([(3, 5000, 70, session.created + 12.5)]))
        await until(lambda: session.bytes_down)
        assert session.opened
        assert (session.bytes_down, session.bytes_up) == (5000, 70)
        assert session.last_used_epoch() == pytest.approx(session.created_epoch + 12.5)

        worker.send(Left(3, cut=False, reason="viewer-left"))
        await until(lambda: not len(head.registry))
        assert head.registry.removed() == {"uuid-a": "viewer-left"}
        assert head.changes == 2
        assert desk.load[:2] == (0, 0)
        assert await _answer(worker, asked) == Refused(
            "SessionUsed", SessionUsed.sentence, "uuid-a"
        )

    _with_worker(story, _willing_cloud())


def test_a_console_that_was_cut_may_come_back() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        worker.send(Left(1, cut=True, reason="viewer-left"))
        again = await _answer(worker, _admit(2, "uuid-a"))
        assert isinstance(again, Admitted)
        assert again.returning
        assert len(head.registry) == 1

    _with_worker(story)


def test_a_viewer_that_shows_its_secret_to_another_worker_takes_its_session_over() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        asked = _admit(1, "uuid-a")
        first = replace(asked, tab="tab", given="one")
        assert isinstance(await _answer(worker, first), Admitted)
        second, theirs = head.desk()
        with theirs:
            other = Other(theirs)
            back = Admit(5, "", "", "198.51.100.1", "tab", "one", "two", {})
            again = await _answer(other, back)
            assert isinstance(again, Admitted)
            assert (again.uuid, again.returning) == ("uuid-a", True)
            assert await worker.told() == End(
                1, "SessionReplaced", "its viewer came back on another connection"
            )
            worker.send(Left(1, cut=False, reason="replaced"))
            other.send(Confirm(5))
            stale = await _answer(other, replace(back, key=6, shown="one"))
            assert isinstance(stale, Refused)
            assert stale.error == "SessionOver"
            (session,) = head.registry
            assert (session.number, head.registry.removed()) == (2, {})
            second.channel.close()
            await second.channel.finished()

    _with_worker(story)


def test_a_refusal_names_its_class_its_cause_and_the_session() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        head.registry.draining = True
        refused = await _answer(worker, _admit(1, "uuid-a"))
        assert isinstance(refused, Refused)
        assert (refused.error, refused.session_uuid) == ("ProxyDraining", "uuid-a")
        refused = await _answer(worker, Admit(1, "nonsense", "", CLIENT, "", "", "", {}))
        assert isinstance(refused, Refused)
        assert (refused.error, refused.session_uuid) == ("TokenInvalid", "")
        assert "keys" in refused.cause

    _with_worker(story)


def test_the_cloud_s_answer_is_passed_on() -> None:
    cloud = CloudServer()
    cloud.allowed.set()

    async def story(head: Head, _: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        allowed = await _answer(worker, Authenticate(1, again=False))
        assert isinstance(allowed, Allowed)
        assert (allowed.endpoint["host"], allowed.endpoint["instance_name"]) == (
            "10.1.1.99",
            "i-2-3-VM",
        )
        (session,) = head.registry
        assert session.host == "10.1.1.99"
        await _answer(worker, Authenticate(1, again=True))
        assert cloud.reconnecting == [False, True]
        cloud.refusal = AuthenticationRefused("the ticket has expired")
        assert await _answer(worker, Authenticate(1, again=True)) == Refused(
            "AuthenticationRefused", "the ticket has expired", ""
        )

    _with_worker(story, cloud)


def test_one_session_ends_another_of_the_same_machine() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        other_desk, theirs = head.desk()
        with theirs:
            other = Other(theirs)
            await _answer(worker, _admit(1, "uuid-a"))
            worker.send(Opened(1))
            await _answer(other, _admit(1, "uuid-b"))
            other.send(Opened(1))
            ended = await worker.told()
            assert ended == End(1, "SessionReplaced", "session uuid-b took over")
            assert SessionReplaced.__name__ == ended.error
            worker.send(Left(1, cut=False, reason="viewer-left"))
            await until(lambda: len(head.registry) == 1)
            (session,) = head.registry
            assert session.uuid == "uuid-b"
            other_desk.channel.close()

    _with_worker(story)


def test_it_is_told_whose_consoles_are_there() -> None:
    async def story(_: Head, __: Desk, worker: Other) -> None:
        token = query("uuid-a").token
        await _answer(worker, Admit(1, token, "", CLIENT, "tab-a", "", "given", {}))
        assert await _answer(worker, AskTabs(["tab-a", "tab-b"])) == Tabs(["tab-a"])
        worker.send(Left(1, cut=False, reason="viewer-left"))
        assert await _answer(worker, AskTabs(["tab-a", "tab-b"])) == Tabs([])

    _with_worker(story)


def test_a_console_may_leave_before_its_question_is_looked_at() -> None:
    """Both come at once where the head was busy; the cloud need not be asked any more."""
    cloud = CloudServer()

    async def story(head: Head, desk: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        worker.send(Authenticate(1, again=False), 8)
        worker.send(Left(1, cut=True, reason="viewer-left"))
        await until(lambda: not len(head.registry))
        number, _ = await worker.receive()
        assert number == -8
        assert await _answer(worker, AskReady()) == Ready("")
        assert not desk.ended.is_set(), "the worker carries others, who know nothing of this"
        assert not cloud.asked.is_set()

    _with_worker(story, cloud)


def test_a_console_that_leaves_while_the_cloud_is_asked_waits_for_no_answer() -> None:
    cloud = CloudServer(refusal=ManagementUnavailable("away"))

    async def story(head: Head, _: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        worker.send(Authenticate(1, again=False), 8)
        await cloud.asked.wait()
        worker.send(Left(1, cut=True, reason="viewer-left"))
        # Its viewer is back at once, with the same token.
        assert isinstance(await _answer(worker, _admit(2, "uuid-a")), Admitted)
        cloud.allowed.set()
        assert await _answer(worker, AskReady()) == Ready("")
        (session,) = head.registry
        assert session.number == 2, "the answer for the first one does not strike the second out"

    _with_worker(story, cloud)


def test_why_no_session_is_taken() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        assert await _answer(worker, AskReady()) == Ready("")
        head.why_not = "draining"
        assert await _answer(worker, AskReady()) == Ready("draining")

    _with_worker(story)


def test_where_there_is_nobody_to_ask_the_first_answer_says_where_to_dial() -> None:
    async def story(head: Head, _: Desk, worker: Other) -> None:
        answer = await _answer(worker, _admit(3, "uuid-a"))
        (session,) = head.registry
        assert isinstance(answer, Admitted)
        assert answer.endpoint["host"] == "10.1.1.20"
        assert (session.authenticated, session.host, head.changes) == (True, "10.1.1.20", 1)

    _with_worker(story)


def test_a_worker_that_is_gone_takes_its_consoles_along() -> None:
    async def story(head: Head, desk: Desk, worker: Other) -> None:
        for key in (1, 2):
            await _answer(worker, _admit(key, f"uuid-{key}", f"vm-{key}"))
            await _answer(worker, Authenticate(key, again=False))
            worker.send(Opened(key))
        worker.send(Left(2, cut=False, reason="viewer-left"))
        worker.sock.close()
        await desk.ended.wait()
        assert head.gone == [desk]
        assert len(head.registry) == 0
        assert head.registry.removed() == {"uuid-1": "lost", "uuid-2": "viewer-left"}
        now = asyncio.get_running_loop().time()
        assert head.registry.may_return("uuid-1", CLIENT, now)
        assert not head.registry.may_return("uuid-2", CLIENT, now), "it had ended before"

    _with_worker(story, _willing_cloud())


@pytest.mark.parametrize(
    "message",
    [
        Stop(),
        Done(),
        Opened(99),
        Confirm(99),
        Left(99, cut=False, reason="viewer-left"),
        Activity([(99, 1, 1, 1.0)]),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_worker_that_talks_nonsense_is_given_up(message: Message) -> None:
    async def story(head: Head, desk: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        worker.send(message)
        await desk.ended.wait()
        assert len(head.registry) == 0
        with pytest.raises(EOFError):
            await worker.receive()

    _with_worker(story)


def test_connections_do_not_come_from_workers() -> None:
    async def story(_: Head, desk: Desk, worker: Other) -> None:
        near, far = socket.socketpair()
        with far:
            with near:
                socket.send_fds(worker.sock, [encode(0, Enter(1, []))], [near.fileno()])
            await desk.ended.wait()
            assert far.recv(1) == b""

    _with_worker(story)


def test_activity_is_asked_for() -> None:
    async def story(head: Head, desk: Desk, worker: Other) -> None:
        await _answer(worker, _admit(1, "uuid-a"))
        refreshing = asyncio.get_running_loop().create_task(desk.refresh(10.0))
        number, asked = await worker.receive()
        assert asked == AskActivity()
        worker.send(Activity([(1, 10, 20, 30.0)]))
        worker.send(Done(), -number)
        await refreshing
        (session,) = head.registry
        assert (session.bytes_down, session.bytes_up, session.last_activity) == (10, 20, 30.0)

    _with_worker(story)


def test_a_worker_that_goes_meanwhile_is_not_waited_for() -> None:
    async def story(_: Head, desk: Desk, worker: Other) -> None:
        loop = asyncio.get_running_loop()
        asking = {loop.create_task(desk.refresh(10.0)), loop.create_task(desk.emptied(8080))}
        await worker.receive()
        await worker.receive()
        worker.sock.close()
        for done in asking:
            await done
        await desk.refresh(10.0)
        await desk.emptied(8080)

    _with_worker(story)


def test_an_emptied_port_is_told_of() -> None:
    async def story(_: Head, desk: Desk, worker: Other) -> None:
        emptied = asyncio.get_running_loop().create_task(desk.emptied(8080))
        number, asked = await worker.receive()
        assert asked == AskEmptied(8080)
        worker.send(Done(), -number)
        await emptied

    _with_worker(story)


def test_a_worker_that_does_not_answer_is_killed() -> None:
    """Even one that was stopped; what it carried is struck out, and its viewers may come back."""

    async def story(head: Head, desk: Desk, worker: Other) -> None:
        worker.send(Hello(process.pid))
        await _answer(worker, _admit(1, "uuid-a"))
        await desk.refresh(_LIMIT)
        assert process.wait() == -signal.SIGKILL
        await desk.ended.wait()
        assert (len(head.registry), head.gone) == (0, [desk])
        assert head.registry.may_return("uuid-a", CLIENT, asyncio.get_running_loop().time())

    with subprocess.Popen(["sleep", "60"]) as process:
        process.send_signal(signal.SIGSTOP)
        _with_worker(story)


def test_one_that_never_said_hello_is_given_up_as_well() -> None:
    async def story(head: Head, desk: Desk, worker: Other) -> None:
        await desk.refresh(_LIMIT)
        assert desk.ended.is_set()
        assert head.gone == [desk]
        desk.kill()
        assert head.gone == [desk], "once"
        await worker.receive()
        with pytest.raises(EOFError):
            await worker.receive()

    _with_worker(story)


def test_load_tells_who_has_least_to_do() -> None:
    async def story(head: Head, idle: Desk, _: Other) -> None:
        busy, busy_end = head.desk()
        stuck, stuck_end = head.desk()
        with busy_end, stuck_end:
            await _answer(Other(busy_end), _admit(1, "uuid-a"))
            while not stuck.channel.backlog:
                stuck.channel.tell(Stop())
            idle.given = 17
            assert sorted([stuck, busy, idle], key=lambda desk: desk.load) == [idle, busy, stuck]
            for desk in (busy, stuck):
                desk.channel.close()

    _with_worker(story)
