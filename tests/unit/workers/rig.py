"""Head and worker on one event loop, with a channel between them."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.endpoint import cloudstack
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import ConsoleRefused
from consoleproxy.workers.channel import Answering, Channel, channel_pair
from consoleproxy.workers.desk import Desk
from consoleproxy.workers.messages import Message, decode, encode
from tests.unit.endpoint.samples import KEYS
from tests.unit.session.sample import registry

_SECONDS = 10.0
CLIENT = "203.0.113.7"

_Result = TypeVar("_Result")


def run(story: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run a story on a loop of its own, for ten seconds at most."""

    async def limited() -> _Result:
        async with asyncio.timeout(_SECONDS):
            return await story()

    return asyncio.run(limited())


async def until(condition: Callable[[], object]) -> None:
    """Let the others go on until the condition holds; the story's own limit counts."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.001)


def query(uuid: str, vm: str = "vm-1", password: str = "secret") -> ConsoleQuery:
    """Return what a browser brings for a console."""
    endpoint = ConsoleEndpoint(
        session_uuid=uuid, vm_uuid=vm, host="10.1.1.20", port=5901, password=password
    )
    return ConsoleQuery(cloudstack.encode(endpoint, KEYS), "")


@dataclass
class Other:
    """The other end of a channel, played by the test: bytes as they are."""

    sock: socket.socket

    def send(self, message: Message, number: int = 0) -> None:
        self.sock.send(encode(number, message))

    async def receive(self) -> tuple[int, Message]:
        """Return the next message and the number of its call.

        Raises:
            EOFError: this side of the channel was closed.
        """
        self.sock.setblocking(False)
        try:
            data = await asyncio.get_running_loop().sock_recv(self.sock, 1024 * 1024)
        except ConnectionResetError:
            # It was closed with something unread.
            data = b""
        if not data:
            raise EOFError
        return decode(data)

    async def told(self) -> Message:
        """Return the next message, which is no call."""
        number, message = await self.receive()
        assert number == 0
        return message


@dataclass
class End:
    """One end of a channel, and what has come in there."""

    channel: Channel
    messages: list[Message] = field(default_factory=list)
    connections: list[socket.socket | None] = field(default_factory=list)
    closed: int = 0


def end_of(
    sock: socket.socket, answer: Callable[[Message], Answering | None] = lambda _: None
) -> End:
    """Return an end that notes what comes in; ``answer`` makes answers of calls."""

    def received(message: Message, connection: socket.socket | None) -> Answering | None:
        end.messages.append(message)
        end.connections.append(connection)
        return answer(message)

    def closed() -> None:
        end.closed += 1

    end = End(Channel(sock, received, closed))
    return end


@dataclass
class CloudServer:
    """Says whether a session may be opened, once it is ``asked`` and ``allowed``, and where."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    allowed: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: ConsoleRefused | None = None
    reconnecting: list[bool] = field(default_factory=list)

    async def authenticate(
        self, endpoint: ConsoleEndpoint, client_address: str, *, reconnecting: bool = False
    ) -> ConsoleEndpoint:
        assert client_address == CLIENT
        self.reconnecting.append(reconnecting)
        self.asked.set()
        await self.allowed.wait()
        if self.refusal is not None:
            raise self.refusal
        return replace(endpoint, host="10.1.1.99", instance_name="i-2-3-VM")


class Head:
    """A registry, and the desks of its workers."""

    def __init__(self, *, maximum: int = 10, cloud: CloudServer | None = None) -> None:
        self.registry = registry(maximum=maximum)
        self.changes = 0
        self.admission = RegistryAdmission(
            registry=self.registry,
            codec=TokenCodec(KEYS, None),
            rules=AccessRules(extra_required=False, source_ip_check=False),
            authenticator=cloud,
            changed=self._changed,
        )
        self.why_not = ""
        self.gone: list[Desk] = []

    def desk(self) -> tuple[Desk, socket.socket]:
        """Return another worker's desk, and the worker's end of its channel."""
        ours, theirs = channel_pair()
        return Desk(ours, self.admission, lambda: self.why_not, self.gone.append), theirs

    def _changed(self) -> None:
        self.changes += 1


async def refusal_from(work: Awaitable[object]) -> ConsoleRefused:
    """Return the refusal that this ends with."""
    try:
        await work
    except ConsoleRefused as refusal:
        return refusal
    raise AssertionError("it was not refused")
