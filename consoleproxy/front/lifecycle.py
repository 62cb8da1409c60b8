"""The life of a CPVM: listen, join the management server, report, drain, stop."""

import asyncio
import gc
import logging
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.front.admin import Books
from consoleproxy.front.application import admin_application
from consoleproxy.front.doorway import Doorway
from consoleproxy.front.listener import Listener
from consoleproxy.front.ports import Port, Ports
from consoleproxy.front.renewal import Renewal
from consoleproxy.front.service import Service
from consoleproxy.keystore.context import ServerTls
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.validity import not_after
from consoleproxy.loadscan import LoadScan
from consoleproxy.session.registry import Registry

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.25
_LAST_RETRY_SECONDS = 5.0
_LAST_REPORT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a CPVM listens.

    Args:
        ports: the console port, and others that serve the same; 0 lets the system choose.
        tls: of all of them; ``None`` for plain HTTP.
    """

    address: str
    ports: tuple[int, ...]
    tls: ServerTls | None
    admin_address: str
    admin_port: int


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
        self,
        service: Service,
        registry: Registry,
        listening: Listening,
        cloud: Cloud | None = None,
    ) -> None:
        self.service = service
        self.registry = registry
        self._listening = listening
        self._cloud = cloud
        self.joined = asyncio.Event()
        if cloud is None:
            self.joined.set()
        self._work: asyncio.Task[None] | None = None
        self._ports = Ports(service, listening.address)
        self._admin: Port
        self._joining: set[asyncio.Task[None]] = set()
        self.certificate: Keystore | None = None
        self.renewal: Renewal | None = None

    @property
    def port(self) -> int:
        """The console port."""
        return self._ports.numbers[0]

    @property
    def open_ports(self) -> tuple[int, ...]:
        """All ports that browsers may be connected to, former ones with sessions included."""
        return self._ports.open_numbers

    @property
    def admin_port(self) -> int:
        """The admin listener's port."""
        return self._admin.number

    async def start(self) -> None:
        """Listen, and go on joining and reporting in a task of its own.

        Raises:
            KeystoreInvalid: OpenSSL does not take the keystore.
            OSError: a port is taken.
        """
        raise_descriptor_limit()
        listening = self._listening
        await self.service.start(self.why_not_ready)
        try:
            await self._ports.change(listening.ports, listening.tls)
            self._admin = self._open_admin()
        except BaseException:
            await self._ports.close()
            await self.service.close()
            raise
        if self._cloud is not None:
            self._work = asyncio.get_running_loop().create_task(
                self._run(self._cloud), name="management"
            )
            self._work.add_done_callback(_log_crash)
        # What lives now lives for good: the collector need not look at it again.
        gc.collect()
        gc.freeze()

    async def change_ports(self, ports: tuple[int, ...], tls: ServerTls | None) -> None:
        """Serve on these ports and with this TLS from now on; see ``Ports.change``.

        Raises:
            KeystoreInvalid: OpenSSL does not take the keystore; nothing has changed.
            OSError: a port is taken; nothing has changed.
        """
        before = self._ports.numbers
        await self._ports.change(ports, tls)
        if before != self._ports.numbers:
            _log.info("console port %d, TLS %s", self.port, "on" if tls else "off")
        self._listening = replace(self._listening, ports=ports, tls=tls)
        if self._cloud is not None and self.joined.is_set():
            await self._join_again(self._cloud)

    def drain(self) -> None:
        """Take no new sessions from now on, and tell the management server at once."""
        self.registry.draining = True
        if self._cloud is not None:
            self._cloud.scan.wake()

    async def stop(self) -> None:
        """Drain, stop accepting, end all sessions with 1001, and report them as removed."""
        self.drain()
        for task in self._joining:
            task.cancel()
        await asyncio.gather(*self._joining, return_exceptions=True)
        await self._ports.close()
        await self.service.close()
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
        if self.registry.draining:
            return "draining"
        if not self.joined.is_set():
            return "not yet registered with the management server"
        if self.registry.full:
            return "full: consoleproxy.session.max is reached"
        return ""

    def reload(self) -> None:
        """Read the keystore again now, as SIGHUP asks."""
        if self.renewal is not None:
            self.renewal.ask()

    def not_after(self) -> float | None:
        """Return when the certificates in use expire, in seconds since 1970."""
        return None if self.certificate is None else not_after(self.certificate).timestamp()

    def _open_admin(self) -> Port:
        doorway = Doorway(
            admin_application(Books(self.registry, self.service, self.not_after, self.drain))
        )
        listener = Listener(doorway.enter)
        number = listener.listen(self._listening.admin_address, self._listening.admin_port)
        return Port(self._listening.admin_port, number, listener, doorway)

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


def raise_descriptor_limit() -> None:
    """Allow as many sockets as the system does; a session needs two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        _log.warning("this process may open %d files and sockets only: %s", soft, error)
