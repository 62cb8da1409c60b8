"""A worker's admission, and the head's that it asks."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from consoleproxy.console.model import Admitted
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import (
    AuthenticationRefused,
    ConsoleRefused,
    ManagementUnavailable,
    ProxyDraining,
    ProxyFull,
    SessionEndedByOperator,
    SessionOver,
    SessionReplaced,
    SessionUsed,
    TokenInvalid,
)
from consoleproxy.session.ending import EndReason
from consoleproxy.session.returns import NO_CLAIM, Claim
from consoleproxy.workers import messages
from consoleproxy.workers.channel import Answering, Channel, channel_pair
from consoleproxy.workers.desk import Desk
from consoleproxy.workers.messages import (
    Admit,
    AskTabs,
    Authenticate,
    Done,
    Message,
    MessageInvalid,
    Refused,
)
from consoleproxy.workers.refusals import refusal_of
from consoleproxy.workers.remote import RemoteAdmission
from tests.unit.session.sample import FakeStream, ignore
from tests.unit.workers.rig import CLIENT, CloudServer, Head, Other, query, refusal_from, run, until

_TOKEN = ConsoleQuery("a-token", "an-extra")


def _remote(sock: socket.socket) -> RemoteAdmission:
    """Return a worker's admission, at its end of a channel."""
    admission = RemoteAdmission()

    def received(message: Message, _: socket.socket | None) -> Answering | None:
        assert isinstance(message, messages.End)
        admission.end(message.key, refusal_of(message.error, message.cause))
        return None

    admission.channel = Channel(sock, received, lambda: None)
    return admission


async def _close(*channels: Channel) -> None:
    for channel in channels:
        channel.close()
    for channel in channels:
        await channel.finished()


def _with_played_head(
    story: Callable[[RemoteAdmission, Other], Coroutine[Any, Any, None]],
) -> None:
    async def opened() -> None:
        ours, theirs = channel_pair()
        with theirs:
            admission = _remote(ours)
            try:
                await story(admission, Other(theirs))
            finally:
                await _close(admission.channel)

    run(opened)


def _with_head(
    story: Callable[[Head, RemoteAdmission, RemoteAdmission], Coroutine[Any, Any, None]],
    cloud: CloudServer | None = None,
    maximum: int = 10,
) -> None:
    """Run a story of a head and two workers."""

    async def opened() -> None:
        head = Head(maximum=maximum, cloud=cloud)
        desks: list[Desk] = []
        remotes: list[RemoteAdmission] = []
        for _ in range(2):
            desk, theirs = head.desk()
            desks.append(desk)
            remotes.append(_remote(theirs))
        try:
            await story(head, *remotes)
        finally:
            await _close(*(one.channel for one in desks), *(one.channel for one in remotes))

    run(opened)


async def _admitted(
    admission: RemoteAdmission, head: Other, number: int = 1
) -> tuple[int, Admitted]:
    """Have the played head take a console in; return the console's key and what came of it."""
    admitting = asyncio.get_running_loop().create_task(
        admission.admit(_TOKEN, NO_CLAIM, CLIENT, ignore)
    )
    call, asked = await head.receive()
    assert isinstance(asked, Admit)
    assert (asked.token, asked.extra, asked.client_address) == ("a-token", "an-extra", CLIENT)
    head.send(
        messages.Admitted(number, f"uuid-{number}", "vm-1", True, 7.5, 1_767_225_600.5, {}), -call
    )
    return asked.key, await admitting


def test_what_the_head_says_becomes_a_session() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        _, admitted = await _admitted(admission, head, number=7)
        session = admitted.session
        assert admitted.returning
        assert (session.number, session.uuid, session.vm_uuid) == (7, "uuid-7", "vm-1")
        assert (session.client_address, session.created_epoch) == (CLIENT, 1_767_225_600.5)
        assert session.began == 7.5
        assert (admitted.endpoint.session_uuid, admitted.endpoint.vm_uuid) == ("uuid-7", "vm-1")

    _with_played_head(story)


def test_each_step_is_told_under_the_console_s_key() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        first, _ = await _admitted(admission, head, number=1)
        key, admitted = await _admitted(admission, head, number=2)
        assert first != key
        asking = asyncio.get_running_loop().create_task(
            admission.authenticate(admitted, again=True)
        )
        call, asked = await head.receive()
        assert asked == Authenticate(key, again=True)
        where = {"session_uuid": "uuid-2", "vm_uuid": "vm-1", "host": "::1", "expires_at": 1.5}
        head.send(messages.Allowed({**where}), -call)
        endpoint = await asking
        assert (endpoint.host, endpoint.expires_at, endpoint.not_before) == ("::1", 1.5, None)
        admission.confirm(admitted.session)
        assert await head.told() == messages.Confirm(key)
        admission.opened(admitted.session)
        assert await head.told() == messages.Opened(key)
        admission.leave(admitted.session, cut=True, reason=EndReason.VIEWER_LEFT)
        assert await head.told() == messages.Left(key, cut=True, reason="viewer-left")
        assert [row[0] for row in admission.activity()] == [first]

    _with_played_head(story)


def test_a_claim_is_passed_on() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        claim = Claim("tab", "shown", "given", (("other", "its secret"),))
        admitting = asyncio.get_running_loop().create_task(
            admission.admit(_TOKEN, claim, CLIENT, ignore)
        )
        call, asked = await head.receive()
        assert isinstance(asked, Admit)
        assert (asked.tab, asked.shown, asked.given) == ("tab", "shown", "given")
        assert asked.others == {"other": "its secret"}
        head.send(Refused("SessionOver", "why", ""), -call)
        assert isinstance(await refusal_from(admitting), SessionOver)

    _with_played_head(story)


def test_the_head_knows_whose_consoles_are_there() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        tabs = frozenset({"a", "b"})
        asking = asyncio.get_running_loop().create_task(admission.tabs_known(tabs))
        call, asked = await head.receive()
        assert asked == AskTabs(["a", "b"])
        head.send(messages.Tabs(["b"]), -call)
        assert await asking == {"b"}
        asking = asyncio.get_running_loop().create_task(admission.tabs_known(tabs))
        await head.receive()
        admission.channel.close()
        assert await asking == tabs, "of what nobody knows, nothing is thrown away"

    _with_played_head(story)


def test_the_end_may_come_before_the_admission() -> None:
    ended: list[ConsoleRefused] = []

    async def story(admission: RemoteAdmission, head: Other) -> None:
        admitting = asyncio.get_running_loop().create_task(
            admission.admit(_TOKEN, NO_CLAIM, CLIENT, ended.append)
        )
        call, asked = await head.receive()
        assert isinstance(asked, Admit)
        head.send(messages.End(asked.key, "SessionReplaced", "another took over"))
        await until(lambda: ended)
        head.send(messages.Admitted(1, "uuid-1", "vm-1", False, 0.5, 1.0, {}), -call)
        session = (await admitting).session
        assert [(type(refusal), str(refusal)) for refusal in ended] == [
            (SessionReplaced, "another took over")
        ]
        admission.leave(session, cut=False, reason=EndReason.VIEWER_LEFT)
        assert await head.told() == messages.Left(asked.key, cut=False, reason="viewer-left")

    _with_played_head(story)


def test_the_end_goes_to_the_stream_once_there_is_one() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        key, admitted = await _admitted(admission, head)
        stream = FakeStream()
        admitted.session.carry(stream)
        head.send(messages.End(key, "SessionEndedByOperator", "asked"))
        await until(lambda: stream.ended)
        assert stream.ended == [(4410, SessionEndedByOperator.sentence)]

    _with_played_head(story)


def test_the_end_of_a_console_that_has_ended_does_no_harm() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        key, admitted = await _admitted(admission, head)
        admission.leave(admitted.session, cut=False, reason=EndReason.VIEWER_LEFT)
        assert await head.told() == messages.Left(key, cut=False, reason="viewer-left")
        head.send(messages.End(key, "SessionReplaced", "too late"))
        head.send(messages.End(99, "SessionReplaced", "of nobody"))
        assert (await _admitted(admission, head, number=2))[1].session.ending is None

    _with_played_head(story)


def test_all_can_be_ended_whether_they_are_open_or_still_ask() -> None:
    ended: list[ConsoleRefused] = []

    async def story(admission: RemoteAdmission, head: Other) -> None:
        _, admitted = await _admitted(admission, head)
        stream = FakeStream()
        admitted.session.carry(stream)
        admitting = asyncio.get_running_loop().create_task(
            admission.admit(_TOKEN, NO_CLAIM, CLIENT, ended.append)
        )
        await head.receive()
        admission.end_all(ProxyDraining())
        assert stream.ended == [(1001, ProxyDraining.sentence)]
        assert [type(refusal) for refusal in ended] == [ProxyDraining]
        admitting.cancel()
        await asyncio.wait({admitting})

    _with_played_head(story)


def test_only_what_is_new_is_told() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        quiet_key, quiet = await _admitted(admission, head, number=1)
        busy_key, busy = await _admitted(admission, head, number=2)
        stream = FakeStream(last_activity=busy.session.created + 1)
        busy.session.carry(stream)
        assert list(admission.activity()) == [
            (quiet_key, 0, 0, quiet.session.created),
            (busy_key, 0, 0, busy.session.created + 1),
        ]
        assert list(admission.activity()) == []
        stream.bytes_down, stream.bytes_up, stream.last_activity = 500, 20, 200_000.5
        assert list(admission.activity()) == [(busy_key, 500, 20, 200_000.5)]

    _with_played_head(story)


@pytest.mark.parametrize("answer", [Done(), messages.Allowed({})])
def test_another_answer_than_was_asked_for_is_a_defect(answer: Message) -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        admitting = asyncio.get_running_loop().create_task(
            admission.admit(_TOKEN, NO_CLAIM, CLIENT, ignore)
        )
        call, _ = await head.receive()
        head.send(answer, -call)
        with pytest.raises(MessageInvalid):
            await admitting

    _with_played_head(story)


def test_refusals_come_with_class_cause_and_session() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        refusing = asyncio.get_running_loop().create_task(
            refusal_from(admission.admit(_TOKEN, NO_CLAIM, CLIENT, ignore))
        )
        call, _ = await head.receive()
        head.send(Refused("ProxyFull", "50 sessions are open", "uuid-a"), -call)
        refusal = await refusing
        assert type(refusal) is ProxyFull
        assert (str(refusal), refusal.session_uuid) == ("50 sessions are open", "uuid-a")
        assert list(admission.activity()) == []

    _with_played_head(story)


def test_when_the_head_is_gone_nobody_is_taken_in() -> None:
    async def story(admission: RemoteAdmission, head: Other) -> None:
        _, admitted = await _admitted(admission, head)
        asking = asyncio.get_running_loop().create_task(
            refusal_from(admission.authenticate(admitted, again=False))
        )
        await head.receive()
        head.sock.close()
        assert isinstance(await asking, ProxyDraining)
        refusal = await refusal_from(admission.admit(_TOKEN, NO_CLAIM, CLIENT, ignore))
        assert isinstance(refusal, ProxyDraining)
        admission.opened(admitted.session)
        admission.leave(admitted.session, cut=False, reason=EndReason.VIEWER_LEFT)

    _with_played_head(story)


def test_a_token_is_good_once_whoever_is_asked() -> None:
    async def story(head: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        refusal = await refusal_from(other.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore))
        assert type(refusal) is SessionUsed
        assert refusal.session_uuid == "uuid-a"
        assert len(head.registry) == 1

    _with_head(story)


def test_there_is_room_for_so_many_in_all() -> None:
    async def story(head: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        await one.admit(query("uuid-a", vm="vm-a"), NO_CLAIM, CLIENT, ignore)
        admitted = await other.admit(query("uuid-b", vm="vm-b"), NO_CLAIM, CLIENT, ignore)
        third = query("uuid-c", vm="vm-c")
        refusal = await refusal_from(one.admit(third, NO_CLAIM, CLIENT, ignore))
        assert (type(refusal), str(refusal)) == (ProxyFull, "2 sessions are open")
        other.leave(admitted.session, cut=False, reason=EndReason.VIEWER_LEFT)
        await until(lambda: len(head.registry) == 1)
        await one.admit(third, NO_CLAIM, CLIENT, ignore)

    _with_head(story, maximum=2)


def test_a_second_viewer_replaces_the_first_of_another_worker() -> None:
    ended: list[ConsoleRefused] = []

    async def story(_: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        first = await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ended.append)
        one.opened(first.session)
        second = await other.admit(query("uuid-b"), NO_CLAIM, CLIENT, ignore)
        assert not ended
        other.opened(second.session)
        await until(lambda: ended)
        assert type(ended[0]) is SessionReplaced
        assert first.session.ending is ended[0]

    _with_head(story)


def test_the_head_decides_what_the_token_says() -> None:
    async def story(_: Head, one: RemoteAdmission, __: RemoteAdmission) -> None:
        admitted = await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        assert admitted.endpoint.password == "", "it is told when the cloud has been asked"
        endpoint = await one.authenticate(admitted, again=False)
        assert (endpoint.host, endpoint.port, endpoint.password) == ("10.1.1.20", 5901, "secret")
        refusal = await refusal_from(one.admit(ConsoleQuery("x", ""), NO_CLAIM, CLIENT, ignore))
        assert type(refusal) is TokenInvalid

    _with_head(story)


@pytest.mark.parametrize(
    ("refusal", "may_be_tried_again"),
    [(AuthenticationRefused("too old"), False), (ManagementUnavailable("away"), True)],
)
def test_the_cloud_s_refusal_comes_through(
    refusal: ConsoleRefused, may_be_tried_again: bool
) -> None:
    cloud = CloudServer(refusal=refusal)
    cloud.allowed.set()

    async def story(head: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        admitted = await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        come = await refusal_from(one.authenticate(admitted, again=False))
        assert (type(come), str(come)) == (type(refusal), str(refusal))
        one.leave(admitted.session, cut=come.may_return, reason=EndReason.VIEWER_LEFT)
        await until(lambda: not len(head.registry))
        if may_be_tried_again:
            await other.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        else:
            again = await refusal_from(other.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore))
            assert type(again) is SessionUsed

    _with_head(story, cloud)


def test_a_viewer_that_leaves_while_the_cloud_is_asked_may_come_back_at_once() -> None:
    cloud = CloudServer()

    async def story(head: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        admitted = await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        asking = asyncio.get_running_loop().create_task(one.authenticate(admitted, again=False))
        await cloud.asked.wait()
        asking.cancel()
        await asyncio.wait({asking})
        one.leave(admitted.session, cut=True, reason=EndReason.VIEWER_LEFT)
        await until(lambda: not len(head.registry))
        back = await other.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        assert back.returning
        cloud.allowed.set()
        assert (await other.authenticate(back, again=False)).host == "10.1.1.99"
        assert cloud.reconnecting in ([False], [False, True]), "it is one that was allowed by then"
        (session,) = head.registry
        assert session.authenticated

    _with_head(story, cloud)


def test_a_viewer_that_left_before_it_was_refused_does_not_come_back() -> None:
    cloud = CloudServer(refusal=AuthenticationRefused("too old"))

    async def story(head: Head, one: RemoteAdmission, other: RemoteAdmission) -> None:
        admitted = await one.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore)
        asking = asyncio.get_running_loop().create_task(one.authenticate(admitted, again=False))
        await cloud.asked.wait()
        cloud.allowed.set()
        # It says that it may come back, before it hears of the answer.
        one.leave(admitted.session, cut=True, reason=EndReason.VIEWER_LEFT)
        await until(lambda: not len(head.registry))
        asking.cancel()
        await asyncio.wait({asking})
        again = await refusal_from(other.admit(query("uuid-a"), NO_CLAIM, CLIENT, ignore))
        assert type(again) is SessionUsed
        assert cloud.reconnecting == [False]

    _with_head(story, cloud)
