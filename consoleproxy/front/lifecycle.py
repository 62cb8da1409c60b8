"""The life of a CPVM: listen, join the management server, report, drain, stop."""

import asyncio
import gc
import logging
import resource
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from consoleproxy.console.consoles import Consoles
from consoleproxy.errors import ManagementUnavailable
from consoleproxy.front.application import admin_application, console_application
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.listener import Listener
from consoleproxy.front.renewal import Renewal
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.validity import not_after
from consoleproxy.loadscan import LoadScan

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.25
_LAST_RETRY_SECONDS = 5.0
_LAST_REPORT_SECONDS = 2.0
# Links to the old port that are out when it changes are good for as long as a ticket, and a bit.
_LINK_SECONDS = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a CPVM listens; ``tls`` is ``None`` for plain HTTP, port 0 lets the system choose."""

    address: str
    port: int
    tls: ssl.SSLContext | None
    admin_address: str
    admin_port: int
    entrance: Entrance


@dataclass(frozen=True, slots=True)
class Cloud:
    """The management server, as the life of a CPVM needs it.

    ``join`` registers under the console port given, and whether it speaks TLS, and raises
    ``ManagementUnavailable`` to be called again; ``scan`` reports from then on.
    """

    join: Callable[[int, bool], Awaitable[object]]
    scan: LoadScan


class ConsoleProxy:
    """One CPVM; ``joined`` is set once it takes sessions.

    Args:
        cloud: ``None`` where tokens alone decide and nobody takes reports.
    """

    def __init__(
        self, consoles: Consoles, listening: Listening, cloud: Cloud | None = None
    ) -> None:
        self.consoles = consoles
        self._listening = listening
        self._cloud = cloud
        self.joined = asyncio.Event()
        if cloud is None:
            self.joined.set()
        self._work: asyncio.Task[None] | None = None
        self._application = console_application(consoles, self.why_not_ready, listening.entrance)
        self._console = self._listener(listening.tls)
        self._retiring: dict[asyncio.Task[None], Listener] = {}
        self._joining: set[asyncio.Task[None]] = set()
        self._admin = Listener(admin_application(consoles, self.not_after), None)
        self.certificate: Keystore | None = None
        self.renewal: Renewal | None = None
        self.port = 0
        self.admin_port = 0

    async def start(self) -> None:
        """Listen, and go on joining and reporting in a task of its own.

        Raises:
            OSError: a port is taken.
        """
        _raise_descriptor_limit()
        self.port = self._console.listen(self._listening.address, self._listening.port)
        try:
            self.admin_port = self._admin.listen(
                self._listening.admin_address, self._listening.admin_port
            )
        except OSError:
            await self._console.close()
            raise
        if self._cloud is not None:
            self._work = asyncio.get_running_loop().create_task(
                self._run(self._cloud), name="management"
            )
            self._work.add_done_callback(_log_crash)
        # What lives now lives for good: the collector need not look at it again.
        gc.collect()
        gc.freeze()

    async def change_door(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Serve on this port and with this TLS from now on.

        Sessions are not touched. Where the port is another one, the old one goes on for those who
        have a link to it, until its sessions have ended.

        Raises:
            OSError: the port is taken; nothing has changed.
        """
        if port == self._listening.port:
            self._console.tls = tls
        else:
            console = self._listener(tls)
            new_port = console.listen(self._listening.address, port)
            old, old_port = self._console, self.port
            self._console, self.port = console, new_port
            retiring = asyncio.get_running_loop().create_task(
                self._retire(old, old_port), name=f"retiring port {old_port}"
            )
            self._retiring[retiring] = old
            retiring.add_done_callback(lambda task: self._retiring.pop(task, None))
            _log.info("console port %d, TLS %s", new_port, "on" if tls else "off")
        self._listening = replace(self._listening, port=port, tls=tls)
        if self._cloud is not None and self.joined.is_set():
            await self._join_again(self._cloud)

    async def stop(self) -> None:
        """Stop accepting, end all sessions with 1001, and report them as removed."""
        retiring = dict(self._retiring)
        for task in (*retiring, *self._joining):
            task.cancel()
        await asyncio.gather(*retiring, *self._joining, return_exceptions=True)
        # A task that was cancelled while it closed its listener has not closed all of it.
        for listener in (*retiring.values(), self._console):
            await listener.close()
        await self.consoles.close()
        if self._cloud is not None and self._work is not None:
            self._cloud.scan.stop()
            if self.joined.is_set():
                # A report under way is waited for, so that the last one follows it.
                await asyncio.wait({self._work}, timeout=_LAST_REPORT_SECONDS)
            self._work.cancel()
            await asyncio.wait({self._work})
            if self.joined.is_set():
                await self._cloud.scan.report()
        await self._admin.close()

    def why_not_ready(self) -> str:
        """Return why no new session is taken; empty if one is."""
        if self.consoles.registry.draining:
            return "draining"
        if not self.joined.is_set():
            return "not yet registered with the management server"
        if self.consoles.registry.full:
            return "full: consoleproxy.session.max is reached"
        return ""

    def reload(self) -> None:
        """Read the keystore again now, as SIGHUP asks."""
        if self.renewal is not None:
            self.renewal.ask()

    def not_after(self) -> float | None:
        """Return when the certificates in use expire, in seconds since 1970."""
        return None if self.certificate is None else not_after(self.certificate).timestamp()

    def _listener(self, tls: ssl.SSLContext | None) -> Listener:
        return Listener(self._application, tls, self._listening.entrance.balancers)

    async def _retire(self, listener: Listener, port: int) -> None:
        """Close a listener once nobody has a link to it, and nobody a session through it."""
        await asyncio.sleep(_LINK_SECONDS)
        await self.consoles.emptied(port)
        await listener.close()

    async def _join_again(self, cloud: Cloud) -> None:
        """Register anew; where the management server is away, go on trying in a task."""
        for task in self._joining:
            task.cancel()
        try:
            await cloud.join(self.port, self._listening.tls is not None)
        except ManagementUnavailable as error:
            _log.warning("console URLs still name the former port or scheme: %s", error)
            joining = asyncio.get_running_loop().create_task(self._join(cloud), name="joining")
            self._joining.add(joining)
            joining.add_done_callback(self._joining.discard)

    async def _join(self, cloud: Cloud) -> None:
        pause = _FIRST_RETRY_SECONDS
        while True:
            try:
                await cloud.join(self.port, self._listening.tls is not None)
                return
            except ManagementUnavailable as error:
                _log.warning("not registered yet, trying again in %.1f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LAST_RETRY_SECONDS)

    async def _run(self, cloud: Cloud) -> None:
        await self._join(cloud)
        self.joined.set()
        await cloud.scan.run()


def _log_crash(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (crash := task.exception()) is not None:
        _log.critical("%s crashed: no load reports any more", task.get_name(), exc_info=crash)


def _raise_descriptor_limit() -> None:
    """Allow as many sockets as the system does; a session needs two."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
