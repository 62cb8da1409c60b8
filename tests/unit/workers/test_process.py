"""A worker on the test's loop: the test plays the head, and the browsers."""

import asyncio
import gc
import os
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from consoleproxy.cli.consoles import consoles_from
from consoleproxy.console.consoles import Consoles
from consoleproxy.errors import ProxyFull
from consoleproxy.front.entrance import Entrance
from consoleproxy.keystore.context import TlsPolicy
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.session.returns import NO_CLAIM
from consoleproxy.settings import Settings
from consoleproxy.workers import messages
from consoleproxy.workers.channel import channel_pair
from consoleproxy.workers.messages import (
    Activity,
    Admit,
    AskActivity,
    AskEmptied,
    AskReady,
    Change,
    CloseDoor,
    Done,
    Enter,
    Hello,
    Message,
    OpenDoor,
    Ready,
    Refused,
    Stop,
    encode,
)
from consoleproxy.workers.process import Worker
from consoleproxy.workers.remote import RemoteAdmission
from tests.unit.keystore.authority import Chain, make_chain
from tests.unit.session.sample import ignore
from tests.unit.workers.rig import Other, query, run

pytestmark = pytest.mark.server

_DOOR = OpenDoor(1, "", "")
_HOST = "a.console.test"


@pytest.fixture(autouse=True)
def nothing_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the tests have loaded is not to be looked through, nor frozen, for each worker."""
    monkeypatch.setattr(gc, "collect", lambda: 0)
    monkeypatch.setattr(gc, "freeze", lambda: None)


@dataclass
class _Rig:
    head: Other
    admission: RemoteAdmission
    changes: list[tuple[Consoles, dict[str, str]]]
    running: "asyncio.Task[None]"

    def enter(self, door: int = 1) -> socket.socket:
        """Give a connection to the worker, and return its other side."""
        listener = socket.create_server(("127.0.0.1", 0))
        with listener:
            far = socket.create_connection(listener.getsockname())
            near, address = listener.accept()
        with near:
            data = encode(0, Enter(door, list(address)))
            socket.send_fds(self.head.sock, [data], [near.fileno()])
        far.setblocking(False)
        return far

    async def get(self, path: str, **more: Any) -> tuple[asyncio.StreamReader, Any]:
        """Ask for a page through the door."""
        reader, writer = await asyncio.open_connection(sock=self.enter(), **more)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {_HOST}\r\nConnection: close\r\n\r\n".encode())
        return reader, writer

    async def page(self, path: str, **more: Any) -> bytes:
        """Return the answer to a request, which the head is not asked about."""
        reader, writer = await self.get(path, **more)
        answer = await reader.read()
        writer.close()
        return answer

    async def answer(self, message: Message) -> Message:
        """Call the worker."""
        self.head.send(message, 7)
        number, answer = await self.head.receive()
        assert number == -7
        return answer


def _with_worker(story: Callable[[_Rig], Coroutine[Any, Any, None]]) -> None:
    """Run a story of a worker with one door that has no TLS; it is stopped at the end."""

    async def opened() -> None:
        ours, theirs = channel_pair()
        admissions: list[RemoteAdmission] = []
        changes: list[tuple[Consoles, dict[str, str]]] = []

        def consoles(admission: RemoteAdmission) -> Consoles:
            admissions.append(admission)
            return consoles_from(Settings(), admission)

        with theirs:
            head = Other(theirs)
            worker = Worker(
                ours,
                consoles,
                Entrance(own_hosts=frozenset({_HOST})),
                lambda made, settings: changes.append((made, settings)),
            )
            running = asyncio.get_running_loop().create_task(worker.run())
            assert await head.told() == Hello(os.getpid())
            head.send(_DOOR)
            await story(_Rig(head, admissions[0], changes, running))
            if not running.done():
                head.send(Stop())
            await running
            with pytest.raises(EOFError):
                while True:
                    await head.receive()

    run(opened)


def test_what_comes_through_the_door_is_served() -> None:
    async def story(rig: _Rig) -> None:
        answer = await rig.page("/healthz")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\nok\n")

    _with_worker(story)


def test_changed_settings_are_for_the_consoles() -> None:
    async def story(rig: _Rig) -> None:
        rig.head.send(Change({"consoleproxy.session.timeout": "1000"}))
        await rig.answer(AskActivity())
        ((consoles, settings),) = rig.changes
        assert isinstance(consoles, Consoles)
        assert settings == {"consoleproxy.session.timeout": "1000"}

    _with_worker(story)


@pytest.mark.parametrize(
    ("why_not", "status", "text"),
    [("", b"200", b"ready\n"), ("full: no room", b"503", b"full: no room\n")],
)
def test_the_head_knows_whether_it_is_ready(why_not: str, status: bytes, text: bytes) -> None:
    async def story(rig: _Rig) -> None:
        reader, writer = await rig.get("/readyz")
        number, asked = await rig.head.receive()
        assert asked == AskReady()
        rig.head.send(Ready(why_not), -number)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert answer.endswith(text)
        writer.close()

    _with_worker(story)


def test_a_console_is_asked_for_and_its_refusal_told() -> None:
    async def story(rig: _Rig) -> None:
        reader, writer = await asyncio.open_connection(sock=rig.enter())
        asked = query("uuid-a")
        writer.write(
            f"GET /websockify?token={asked.token}&extra=x HTTP/1.1\r\nHost: {_HOST}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: binary\r\n\r\n".encode()
        )
        number, admit = await rig.head.receive()
        assert isinstance(admit, Admit)
        assert (admit.token, admit.extra, admit.client_address) == (asked.token, "x", "127.0.0.1")
        rig.head.send(Refused("ProxyFull", "50 sessions are open", "uuid-a"), -number)
        # Version and answer of RFB, masked with a mask of zeros.
        writer.write(b"\x82\x8c\0\0\0\0RFB 003.008\n\x82\x81\0\0\0\0\x01")
        # By RFB, and as the reason of the close frame, which is answered.
        for _ in range(2):
            await reader.readuntil(ProxyFull.sentence.encode())
        writer.write(b"\x88\x80\0\0\0\0")
        assert await reader.read() == b""
        writer.close()

    _with_worker(story)


def test_through_a_door_that_is_not_there_nobody_comes() -> None:
    async def story(rig: _Rig) -> None:
        with rig.enter(door=2) as far:
            assert await asyncio.get_running_loop().sock_recv(far, 1) == b""

    _with_worker(story)


def test_a_connection_that_was_lost_on_its_way_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As when this process has as many files open as it may: the system drops the new one."""

    async def story(rig: _Rig) -> None:
        rig.head.send(Enter(1, ["203.0.113.7", 50000]))
        assert b"ok\n" in await rig.page("/healthz")

    _with_worker(story)
    assert "as many open as the system allows" in caplog.text


def test_a_closed_door_lets_go_of_who_has_no_console() -> None:
    async def story(rig: _Rig) -> None:
        with rig.enter() as far:
            await asyncio.get_running_loop().sock_sendall(far, b"GET / HTTP/1.1\r\n")
            rig.head.send(CloseDoor(1))
            assert await asyncio.get_running_loop().sock_recv(far, 1) == b""
        with rig.enter() as late:
            assert await asyncio.get_running_loop().sock_recv(late, 1) == b""

    _with_worker(story)


def _door(chain: Chain) -> OpenDoor:
    return OpenDoor(1, parse_keystore(chain.blobs).pem().decode(), TlsPolicy.MODERN)


def _trusting(chain: Chain) -> dict[str, Any]:
    context = ssl.create_default_context(cadata=chain.root.pem.decode())
    return {"ssl": context, "server_hostname": _HOST}


def test_new_handshakes_get_the_certificate_that_was_told_last() -> None:
    first, second = make_chain(), make_chain()

    async def story(rig: _Rig) -> None:
        rig.head.send(_door(first))
        old_reader, old_writer = await asyncio.open_connection(sock=rig.enter(), **_trusting(first))
        rig.head.send(_door(second))
        assert b"ok\n" in await rig.page("/healthz", **_trusting(second))
        with pytest.raises(ssl.SSLCertVerificationError):
            await rig.page("/healthz", **_trusting(first))
        old_writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b"ok\n" in await old_reader.read(), "who was there stays there"
        old_writer.close()
        rig.head.send(_DOOR)
        assert b"ok\n" in await rig.page("/healthz")

    _with_worker(story)


async def _admit(rig: _Rig, number: int) -> None:
    admitting = asyncio.get_running_loop().create_task(
        rig.admission.admit(query(f"uuid-{number}"), NO_CLAIM, "203.0.113.7", ignore)
    )
    call, _ = await rig.head.receive()
    rig.head.send(messages.Admitted(number, f"uuid-{number}", "vm-1", False, 0.5, 1.0, {}), -call)
    await admitting


def test_what_consoles_have_done_is_told_in_parts() -> None:
    """A message has to fit into a packet."""
    count = 2500

    async def story(rig: _Rig) -> None:
        for number in range(1, count + 1):
            await _admit(rig, number)
        rig.head.send(AskActivity(), 7)
        keys: list[int] = []
        while True:
            number, message = await rig.head.receive()
            if message == Done():
                break
            assert isinstance(message, Activity)
            assert 0 < len(message.rows) <= 1000
            keys += [row[0] for row in message.rows]
        assert number == -7
        assert sorted(keys) == list(range(1, count + 1))
        assert await rig.answer(AskActivity()) == Done(), "nothing has happened since"

    _with_worker(story)


def test_a_port_without_consoles_is_empty() -> None:
    async def story(rig: _Rig) -> None:
        assert await rig.answer(AskEmptied(8080)) == Done()

    _with_worker(story)


@pytest.mark.parametrize(
    "message",
    [Hello(1), CloseDoor(9), messages.End(1, "Nothing", ""), OpenDoor(2, "no keystore", "modern")],
    ids=lambda message: type(message).__name__,
)
def test_a_head_that_talks_nonsense_is_left(message: Message) -> None:
    async def story(rig: _Rig) -> None:
        rig.head.send(message)
        await rig.running

    _with_worker(story)


def test_without_its_head_it_ends() -> None:
    async def story(rig: _Rig) -> None:
        with rig.enter() as far:
            rig.head.sock.shutdown(socket.SHUT_WR)
            await rig.running
            assert await asyncio.get_running_loop().sock_recv(far, 1) == b""

    _with_worker(story)


def test_at_its_end_it_lets_go_of_all() -> None:
    async def story(rig: _Rig) -> None:
        reader, writer = await rig.get("/readyz")
        assert isinstance((await rig.head.receive())[1], AskReady)
        with rig.enter() as idle:
            rig.head.send(Stop())
            await rig.running
            assert await asyncio.get_running_loop().sock_recv(idle, 1) == b""
            await reader.read()
        writer.close()

    _with_worker(story)
