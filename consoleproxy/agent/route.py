"""Which management server the agent is at, which is next, and when it goes there."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from consoleproxy.agent.hosts import Cursor, HostList
from consoleproxy.agent.requests import ManagementServers

_log = logging.getLogger(__name__)

_PROBE_SECONDS = 5.0
# A server in maintenance takes a connection and closes it at once.
_SECOND_LOOK_SECONDS = 0.5
# An answer is on its way while the server's order to go is carried out.
_AFTER_ANSWER_SECONDS = 1.0
_MIGRATE_AFTER_SECONDS = 3.0
# A shuffled list's first server is looked for once, not again and again.
_SHUFFLE = "shuffle"


class Route:
    """Args:
    boot: the list of the boot arguments.
    told: the list that a management server sent in an earlier run; it comes before ``boot``, whose
        servers are tried where none of it can be used.
    port: of the management servers' agent listener.
    """

    def __init__(self, boot: HostList, told: HostList | None, port: int) -> None:
        self._boot = boot
        self._told = told
        self._cursor = Cursor(told or boot)
        self._port = port
        self._at = ""
        self._failures = 0
        self._check_seconds = 0
        self._transferred = False
        self._migrate = asyncio.Event()
        self._go = asyncio.Event()

    @property
    def servers(self) -> HostList:
        """The list in use."""
        return self._cursor.known

    @property
    def listed(self) -> HostList | None:
        """The list that a management server sent, if one did."""
        return self._told

    @property
    def transferred(self) -> bool:
        """Whether a management server sent the agent on to this one."""
        return self._transferred

    def next(self) -> str:
        """Go on to the next server, and return it."""
        self._go.clear()
        self._migrate.clear()
        known = self.servers.hosts
        spare = [host for host in self._boot.hosts if host not in known]
        turn = self._failures % (len(known) + len(spare)) - len(known)
        if turn >= 0:
            self._at = spare[turn]
        else:
            self._cursor = self._cursor.next()
            self._at = self._cursor.host
        return self._at

    def failed(self) -> None:
        """Note that this server could not be used; where none can, those to avoid are tried."""
        self._transferred = False
        self._failures += 1
        if self._failures >= len(self.servers.hosts):
            self.avoid(())

    def arrived(self) -> None:
        """Note that this server took the agent."""
        self._failures = 0
        self._transferred = False

    def avoid(self, hosts: Iterable[str] | None) -> None:
        """Note which servers are about to stop; ``None``: the same as before."""
        self._cursor = self._cursor.told(None, hosts)

    def told(self, servers: ManagementServers) -> None:
        """Take over a list; a faulty one changes nothing.

        Raises:
            ValueError: it is faulty.
        """
        known = None
        if servers.hosts and servers.algorithm:
            known = self._told = HostList.of(servers.hosts, servers.algorithm)
        self._cursor = self._cursor.told(known, servers.avoided)
        self._check_seconds = max(servers.check_seconds, 0)

    def migrate(self, servers: ManagementServers) -> None:
        """Take over a list, and go to another one of it in a moment, if it can be reached.

        Raises:
            ValueError: the list is faulty.
        """
        self.told(servers)
        self._migrate.set()

    def leave(self) -> None:
        """Go away in a moment."""
        asyncio.get_running_loop().call_later(_AFTER_ANSWER_SECONDS, self._go.set)

    async def moved_on(self) -> None:
        """Return when the agent shall leave the server that it is at."""
        loop = asyncio.get_running_loop()
        looking = {
            loop.create_task(self._look_home(), name="agent: preferred server"),
            loop.create_task(self._look_elsewhere(), name="agent: migration"),
        }
        try:
            await self._go.wait()
        finally:
            for task in looking:
                task.cancel()
            await asyncio.wait(looking)

    async def _look_home(self) -> None:
        """Set out for the preferred server once it can be reached."""
        while True:
            await asyncio.sleep(self._check_seconds or _PROBE_SECONDS)
            home = self._cursor.preferred
            if not self._check_seconds or home == self._at:
                continue
            if await self._set_out([home]):
                return
            if self.servers.algorithm == _SHUFFLE:
                return

    async def _look_elsewhere(self) -> None:
        """Set out for another server whenever this one wants it."""
        while True:
            await self._migrate.wait()
            await asyncio.sleep(_MIGRATE_AFTER_SECONDS)
            self._migrate.clear()
            if await self._set_out([host for host in self._cursor.candidates if host != self._at]):
                self._transferred = True
                return
            _log.warning("no other management server can be reached: staying")

    async def _set_out(self, hosts: Iterable[str]) -> bool:
        """Make the first of these the next one that can be reached."""
        for host in hosts:
            if await _reachable(host, self._port):
                _log.info("management server %s can be reached", host)
                self._cursor = self._cursor.before(host)
                self._go.set()
                return True
        return False


async def _reachable(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError):
        # The latter: a name that cannot be looked up.
        return False
    try:
        async with asyncio.timeout(_SECOND_LOOK_SECONDS):
            return bool(await reader.read(1))
    except TimeoutError:
        # It waits for the agent to begin, as TLS has it.
        return True
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
