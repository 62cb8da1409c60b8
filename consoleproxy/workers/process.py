"""The life of a worker: doors and connections come from the head, consoles are carried here."""

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from socket import socket

from consoleproxy.console.consoles import Consoles
from consoleproxy.front.application import console_application
from consoleproxy.front.doorway import Doorway
from consoleproxy.front.entrance import Entrance
from consoleproxy.keystore.context import ServerTls, TlsPolicy
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.workers.channel import Answer, Channel, ChannelClosed
from consoleproxy.workers.messages import (
    Activity,
    AskActivity,
    AskEmptied,
    AskReady,
    Change,
    CloseDoor,
    Done,
    End,
    Enter,
    Hello,
    Message,
    MessageInvalid,
    OpenDoor,
    Ready,
    Stop,
)
from consoleproxy.workers.refusals import refusal_of
from consoleproxy.workers.remote import RemoteAdmission

_log = logging.getLogger(__name__)

_ROWS = 1000


class Worker:
    """One worker, on its event loop.

    Args:
        channel: its end.
        consoles: makes the consoles, whose admission asks the head.
        entrance: how browsers come in.
        change: lets the consoles go by changed settings, by name as text.
    """

    def __init__(
        self,
        channel: socket,
        consoles: Callable[[RemoteAdmission], Consoles],
        entrance: Entrance,
        change: Callable[[Consoles, dict[str, str]], None],
    ) -> None:
        self._stop = asyncio.Event()
        self._dismissed = False
        self._admission = RemoteAdmission()
        self._consoles = consoles(self._admission)
        self._entrance = entrance
        self._change = change
        self._application = console_application(self._consoles, self._why_not_ready, entrance)
        self._doors: dict[int, Doorway] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._channel = Channel(channel, self._received, self._stop.set)
        self._admission.channel = self._channel

    async def run(self) -> None:
        """Serve until the head says stop, or is gone."""
        gc.collect()
        gc.freeze()
        self._channel.tell(Hello(os.getpid()))
        await self._stop.wait()
        await asyncio.gather(*(door.close() for door in self._doors.values()), *self._closing)
        if self._dismissed:
            await self._consoles.close()
        else:
            # A head that died is started anew before long, on the same port.
            await self._consoles.cut()
        self._channel.close()
        await self._channel.finished()

    def _received(self, message: Message, connection: socket | None) -> Answer:
        match message:
            case Enter(number, address):
                self._enter(number, connection, address)
            case End(key, error, cause):
                self._admission.end(key, refusal_of(error, cause))
            case AskActivity():
                return self._activity()
            case AskEmptied(port):
                return self._say_emptied(port)
            case Change(settings):
                self._change(self._consoles, settings)
            case OpenDoor():
                self._open(message)
            case CloseDoor(number):
                closing = asyncio.get_running_loop().create_task(
                    self._doors.pop(number).close(), name="closing a door"
                )
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            case Stop():
                self._dismissed = True
                self._stop.set()
            case _:
                raise MessageInvalid(f"the head does not say {type(message).__name__}")
        return None

    def _enter(self, number: int, connection: socket | None, address: list[object]) -> None:
        if connection is None:
            _log.error("a connection is lost: this worker has as many open as the system allows")
        elif door := self._doors.get(number):
            door.enter(connection, tuple(address))
        else:
            connection.close()

    def _open(self, door: OpenDoor) -> None:
        tls = None
        if door.keystore:
            keystore = parse_keystore([("the head's keystore", door.keystore.encode())])
            tls = ServerTls(keystore, TlsPolicy(door.policy))
        if there := self._doors.get(door.door):
            there.change(tls)
        else:
            self._doors[door.door] = Doorway(self._application, tls, self._entrance.balancers)

    def _activity(self) -> Message:
        rows = list(self._admission.activity())
        for start in range(0, len(rows), _ROWS):
            self._channel.tell(Activity(rows[start : start + _ROWS]))
        return Done()

    async def _say_emptied(self, port: int) -> Message:
        await self._consoles.emptied(port)
        return Done()

    async def _why_not_ready(self) -> str:
        try:
            answer = await self._channel.call(AskReady())
        except ChannelClosed:
            return "draining"
        return answer.why_not if isinstance(answer, Ready) else "unknown"
