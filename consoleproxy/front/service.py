"""Who serves the connections of the console port: what the life of a CPVM needs of them."""

import socket
from collections.abc import Callable
from typing import Any, Protocol

from consoleproxy.keystore.context import ServerTls


class Door(Protocol):
    """One port's connections, from when they are accepted."""

    def enter(self, connection: socket.socket, address: Any) -> None:
        """Serve a connection; it is closed in there."""

    def change(self, tls: ServerTls | None) -> None:
        """Greet with this TLS from now on; connections that are there keep theirs.

        Raises:
            KeystoreInvalid: OpenSSL does not take it; nothing has changed.
        """

    async def close(self) -> None:
        """Close all connections that have not become consoles."""


class Service(Protocol):
    """Serves connections; ``processes`` do so now, and ``replaced`` have died since the start."""

    @property
    def processes(self) -> int: ...

    @property
    def replaced(self) -> int: ...

    async def start(self, why_not_ready: Callable[[], str]) -> None:
        """Be ready to serve."""

    def door(self, tls: ServerTls | None) -> Door:
        """Return the door of another port.

        Raises:
            KeystoreInvalid: OpenSSL does not take it.
        """

    async def emptied(self, port: int) -> None:
        """Wait until no console is open that came in through this port of ours."""

    async def refresh(self) -> None:
        """Bring the sessions in the registry up to date: their bytes and last activity."""

    async def close(self) -> None:
        """Tell every viewer that the proxy goes away, and wait until all consoles have ended."""
