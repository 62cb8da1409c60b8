"""The console port served by this process itself."""

from collections.abc import Callable

from tornado.web import Application

from consoleproxy.console.consoles import Consoles
from consoleproxy.front.application import console_application
from consoleproxy.front.doorway import Doorway
from consoleproxy.front.entrance import Entrance
from consoleproxy.keystore.context import ServerTls


class OwnService:
    """This process serves, on its one event loop."""

    processes = 1
    replaced = 0

    def __init__(self, consoles: Consoles, entrance: Entrance) -> None:
        self._consoles = consoles
        self._entrance = entrance
        self._application: Application

    async def start(self, why_not_ready: Callable[[], str]) -> None:
        """Make the application."""

        async def why_not() -> str:
            return why_not_ready()

        self._application = console_application(self._consoles, why_not, self._entrance)

    def door(self, tls: ServerTls | None) -> Doorway:
        """See ``Service``."""
        return Doorway(self._application, tls, self._entrance.balancers)

    async def emptied(self, port: int) -> None:
        """See ``Service``."""
        await self._consoles.emptied(port)

    async def refresh(self) -> None:
        """Nothing to do: the registry's sessions know their streams."""

    async def close(self) -> None:
        """See ``Service``."""
        await self._consoles.close()
