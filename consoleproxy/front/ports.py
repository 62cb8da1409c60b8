"""The console ports: opened, changed and retired while sessions go on."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from consoleproxy.front.listener import Listener
from consoleproxy.front.service import Door, Service
from consoleproxy.keystore.context import ServerTls

_log = logging.getLogger(__name__)

# Links to an old port that are out when it changes are good for as long as a ticket, and a bit.
_LINK_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Port:
    """A port that is listened on, and the door behind it.

    Args:
        wanted: what was asked for, 0 for any.
        number: what it is.
    """

    wanted: int
    number: int
    listener: Listener
    door: Door

    async def close(self) -> None:
        """Close the port, and the connections that have not become consoles."""
        self.listener.close()
        await self.door.close()


class Ports:
    """The ports of one address, which all serve the same; the first is the one of console URLs."""

    def __init__(self, service: Service, address: str) -> None:
        self._service = service
        self._address = address
        self._open: tuple[Port, ...] = ()
        self._retiring: dict[asyncio.Task[None], Port] = {}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The ports that are listened on, without those that retire."""
        return tuple(port.number for port in self._open)

    @property
    def open_numbers(self) -> tuple[int, ...]:
        """All ports that are listened on, those that retire last."""
        return (*self.numbers, *(port.number for port in self._retiring.values()))

    async def change(self, wanted: Sequence[int], tls: ServerTls | None) -> None:
        """Listen on these ports with this TLS from now on.

        Sessions are not touched. A port that is no longer wanted goes on for those who have a link
        to it, until its sessions have ended.

        Raises:
            KeystoreInvalid: OpenSSL does not take the keystore; nothing has changed.
            OSError: a port is taken; nothing has changed.
        """
        kept = {
            number: port
            for number in wanted
            for port in self._open
            if number in (port.wanted, port.number)
        }
        added: list[Port] = []
        try:
            for number in wanted:
                if number not in kept:
                    # One by one: if the next fails, those before it must be closed.
                    added.append(await self._opened(number, tls))  # noqa: PERF401
            for port in kept.values():
                port.door.change(tls)
        except BaseException:
            for port in added:
                await port.close()
            raise
        now = kept | {port.wanted: port for port in added}
        former, self._open = self._open, tuple(now[number] for number in wanted)
        for port in former:
            if port not in self._open:
                self._retire_later(port)

    async def close(self) -> None:
        """Close all ports, also those that retire."""
        retiring = dict(self._retiring)
        for task in retiring:
            task.cancel()
        await asyncio.gather(*retiring, return_exceptions=True)
        # A task that was cancelled while it closed its port has not closed all of it.
        for port in (*retiring.values(), *self._open):
            await port.close()

    async def _opened(self, number: int, tls: ServerTls | None) -> Port:
        door = self._service.door(tls)
        listener = Listener(door.enter)
        try:
            return Port(number, listener.listen(self._address, number), listener, door)
        except OSError:
            await door.close()
            raise

    def _retire_later(self, port: Port) -> None:
        retiring = asyncio.get_running_loop().create_task(
            self._retire(port), name=f"retiring port {port.number}"
        )
        self._retiring[retiring] = port
        retiring.add_done_callback(lambda task: self._retiring.pop(task, None))

    async def _retire(self, port: Port) -> None:
        """Close a port once nobody has a link to it, and nobody a session through it."""
        await asyncio.sleep(_LINK_SECONDS)
        await self._service.emptied(port.number)
        await port.close()
