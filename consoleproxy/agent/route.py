"""Which management server the agent is at, which is next, and when it goes there."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from consoleproxy.agent.hosts import Cursor, HostList
from consoleproxy.agent.requests import ManagementServers

_log = logging.getLogger(__name__)

_PROBE_SECONDS = 5.0
# An answer is on its way while the server's order to go is carried out.
_AFTER_ANSWER_SECONDS = 1.0
_MIGRATE_AFTER_SECONDS = 3.0
# What a shuffled list's first server is: looked for once, not again and again.
_SHUFFLE = "shuffle"


class Route:
    """Args:
    servers: the list to begin with.
    port: of the management servers' agent listener.
    """

    def __init__(self, servers: HostList, port: int) -> None:
        self._cursor = Cursor(servers)
        self._port = port
        self._failures = 0
        self._check_seconds = 0
        self._migrating = False
        self._go = asyncio.Event()

    @property
    def servers(self) -> HostList:
        """The list in use."""
        return self._cursor.known

    @property
    def transferred(self) -> bool:
        """Whether a management server sent the agent on to this one."""
        return self._migrating

    def next(self) -> str:
        """Go on to the next server, and return it."""
        self._go.clear()
        self._cursor = self._cursor.next()
        return self._cursor.host

    def failed(self) -> None:
        """Note that this server could not be used; where none can, those to avoid are tried."""
        self._failures += 1
        if self._failures >= len(self.servers.hosts):
            self._cursor = self._cursor.told(None, ())

    def arrived(self) -> None:
        """Note that this server took the agent."""
        self._failures = 0
        self._migrating = False

    def avoid(self, hosts: Iterable[str]) -> None:
        """Note which servers are about to stop."""
        self._cursor = self._cursor.told(None, hosts)

    def told(self, servers: ManagementServers) -> None:
        """Take over a list; a faulty one changes nothing.

        Raises:
            ValueError: it is faulty.
        """
        known = None
        if servers.hosts and servers.algorithm:
            known = HostList.of(servers.hosts, servers.algorithm)
        self._cursor = self._cursor.told(known, servers.avoided)
        self._check_seconds = servers.check_seconds

    def migrate(self, servers: ManagementServers) -> None:
        """Take over a list, and go to one of it in a moment.

        Raises:
            ValueError: the list is faulty.
        """
        self.told(servers)
        self._migrating = True
        asyncio.get_running_loop().call_later(_MIGRATE_AFTER_SECONDS, self._go.set)

    def leave(self) -> None:
        """Go away in a moment."""
        asyncio.get_running_loop().call_later(_AFTER_ANSWER_SECONDS, self._go.set)

    async def moved_on(self) -> None:
        """Return when the agent shall leave the server that it is at."""
        looking = asyncio.get_running_loop().create_task(
            self._look_home(), name="agent: preferred server"
        )
        try:
            await self._go.wait()
        finally:
            looking.cancel()
            await asyncio.wait({looking})

    async def _look_home(self) -> None:
        """Set out for the preferred server once it can be reached."""
        while True:
            await asyncio.sleep(self._check_seconds or _PROBE_SECONDS)
            home = self._cursor.preferred
            if not self._check_seconds or home == self._cursor.host:
                continue
            if await _reachable(home, self._port):
                _log.info("management server %s can be reached again", home)
                self._cursor = self._cursor.before(home)
                self._go.set()
                return
            if self.servers.algorithm == _SHUFFLE:
                return


async def _reachable(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
