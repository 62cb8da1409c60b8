"""All workers of a CPVM: connections are spread over them, and one that dies is replaced."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from socket import socket
from typing import Any

from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.context import ServerTls
from consoleproxy.workers.channel import channel_pair
from consoleproxy.workers.desk import Desk
from consoleproxy.workers.messages import Change, CloseDoor, Enter, Message, OpenDoor, Stop
from consoleproxy.workers.nursery import Nursery

_log = logging.getLogger(__name__)

_START_SECONDS = 20.0
# Longer than a worker's consoles may take to end.
_STOP_SECONDS = 5.0
_ANSWER_SECONDS = 5.0
# So often it is looked whether they answer, also where nobody takes load reports.
_LOOK_SECONDS = 5.0
# It has to fit into one message.
_KEYSTORE_BYTES = 128 * 1024
# One that died sooner would die again: another one is not made at once.
_SHORT_LIFE_SECONDS = 1.0


class WorkersDoNotStart(OSError):
    """No worker process could be made, or it did not begin to serve."""


class Pool:
    """The workers, as a ``front.service.Service``.

    Args:
        nursery: makes them; it is closed here.
        admission: decides for all of them.
        count: ``consoleproxy.workers``.
    """

    def __init__(self, nursery: Nursery, admission: RegistryAdmission, count: int) -> None:
        self._nursery = nursery
        self._admission = admission
        self._count = count
        self._why_not_ready: Callable[[], str] = str
        self._desks: set[Desk] = set()
        self._doors: dict[int, PoolDoor] = {}
        self._last_door = 0
        self._changed: Mapping[str, str] = {}
        self._given = 0
        self._closing = False
        self._watching: asyncio.Task[None] | None = None
        self.replaced = 0

    @property
    def processes(self) -> int:
        """How many workers serve."""
        return sum(desk.ready.is_set() for desk in self._desks)

    async def start(self, why_not_ready: Callable[[], str]) -> None:
        """Make the workers, and wait until they serve.

        Raises:
            WorkersDoNotStart: they do not.
        """
        self._why_not_ready = why_not_ready
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        self._watching = asyncio.get_running_loop().create_task(
            self._watch(), name="watch of the workers"
        )

    def door(self, tls: ServerTls | None) -> "PoolDoor":
        """See ``front.service.Service``."""
        self._last_door += 1
        door = PoolDoor(self, self._last_door, tls)
        self._doors[self._last_door] = door
        return door

    async def emptied(self, port: int) -> None:
        """Wait until no worker carries a console that came in through this port of ours."""
        await asyncio.gather(*(desk.emptied(port) for desk in self._desks))

    async def refresh(self) -> None:
        """Have every worker say what its consoles have done."""
        await asyncio.gather(*(desk.refresh(_ANSWER_SECONDS) for desk in self._desks))

    async def close(self) -> None:
        """Have every worker end its consoles, and itself."""
        self._closing = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        self.tell_all(Stop())
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                for desk in list(self._desks):
                    await desk.ended.wait()
        except TimeoutError:
            for desk in list(self._desks):
                desk.kill()
        self._admission.ask_no_more()
        self._nursery.close()

    def tell_all(self, message: Message) -> None:
        """Tell every worker."""
        for desk in self._desks:
            desk.channel.tell(message)

    def change(self, settings: Mapping[str, str]) -> None:
        """Let every worker have these settings, also those that are made later."""
        self._changed = settings
        self.tell_all(Change(dict(settings)))

    def forget_door(self, number: int) -> None:
        """Workers that are made from now on have no such door."""
        self._doors.pop(number, None)

    def pass_on(self, door: int, connection: socket, address: Any) -> None:
        """Give a connection to the worker that has least to do."""
        if not self._desks:
            connection.close()
            return
        desk = min(self._desks, key=lambda desk: desk.load)
        self._given += 1
        desk.given = self._given
        desk.channel.tell(Enter(door, list(address)), connection)

    async def _start(self) -> None:
        for _ in range(self._count):
            self._make()
        try:
            async with asyncio.timeout(_START_SECONDS):
                for desk in list(self._desks):
                    await desk.ready.wait()
        except TimeoutError:
            raise WorkersDoNotStart("the worker processes did not start in time") from None
        if self.processes < self._count:
            raise WorkersDoNotStart("a worker process ended before it served")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.refresh()

    def _make(self) -> None:
        ours, theirs = channel_pair()
        try:
            self._nursery.fork(theirs)
        except OSError:
            ours.close()
            raise
        desk = Desk(ours, self._admission, self._why_not_ready, self._gone)
        self._desks.add(desk)
        if self._changed:
            desk.channel.tell(Change(dict(self._changed)))
        for door in self._doors.values():
            desk.channel.tell(door.description())

    def _gone(self, desk: Desk) -> None:
        self._desks.discard(desk)
        if self._closing:
            return
        self.replaced += 1
        _log.error("a worker process died; its sessions may come back, and it is replaced")
        loop = asyncio.get_running_loop()
        lived = loop.time() - desk.started
        loop.call_later(max(_SHORT_LIFE_SECONDS - lived, 0.0), self._replace)

    def _replace(self) -> None:
        if self._closing:
            return
        try:
            self._make()
        except OSError as error:
            _log.critical("no worker can be made any more, restart this proxy: %s", error)


class PoolDoor:
    """One port's door, open in every worker.

    Raises:
        KeystoreInvalid: OpenSSL does not take it.
    """

    def __init__(self, pool: Pool, number: int, tls: ServerTls | None) -> None:
        self._pool = pool
        self._number = number
        self.change(tls)

    def description(self) -> OpenDoor:
        """Return what a worker has to know."""
        if self._tls is None:
            return OpenDoor(self._number, "", "")
        return OpenDoor(self._number, self._tls.keystore.pem().decode(), self._tls.policy)

    def enter(self, connection: socket, address: Any) -> None:
        """Give a connection to a worker."""
        self._pool.pass_on(self._number, connection, address)

    def change(self, tls: ServerTls | None) -> None:
        """See ``front.service.Door``."""
        if tls is not None:
            # Here, and not only in a worker, a bad one can be told of.
            tls.context()
            if len(tls.keystore.pem()) > _KEYSTORE_BYTES:
                raise KeystoreInvalid(
                    f"the keystore has more than {_KEYSTORE_BYTES} bytes as PEM: leave out the "
                    "certificates that do not belong to the server certificate's chain"
                )
        self._tls = tls
        self._pool.tell_all(self.description())

    async def close(self) -> None:
        """See ``front.service.Door``."""
        self._pool.forget_door(self._number)
        self._pool.tell_all(CloseDoor(self._number))
