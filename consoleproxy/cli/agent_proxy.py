"""The CPVM that CloudStack's agent is in charge of: its ports open at the management server's word.

It comes with every connect: the keystore, the keys of console tokens, and whether browsers are
held to their address. Java's proxy takes the keystore of the first one only; here a new one is
served from then on, and sessions go on.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from consoleproxy.agent.boot import Boot
from consoleproxy.agent.requests import StartConsoleProxy
from consoleproxy.cli.parts import Parts
from consoleproxy.errors import ManagementUnavailable
from consoleproxy.front.lifecycle import Cloud, ConsoleProxy, Listening
from consoleproxy.keystore.context import ServerTls, TlsPolicy
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.port import HTTP_PORT, HTTPS_PORT
from consoleproxy.loadscan import LoadScan
from consoleproxy.management.channel.documents import Registration
from consoleproxy.session.load import load_report
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)

_PAGE_PORT, _PAGE_TLS_PORT = 80, 443


@dataclass(frozen=True, slots=True)
class PortRule:
    """Where console and page are, as CloudStack's console URLs name them.

    Args:
        console: ``consoleproxy.port``, or boot argument ``vncport`` where it is none of
            CloudStack's two, or 8080 where it is not told; 0 for those two.
        page: ``consoleproxy.httpListenPort``; 0 for 443 with TLS, 80 without.
        told: boot argument ``vncport``; 0 where it is not told.
    """

    console: int
    page: int
    told: int = 0

    def ports(self, *, tls: bool) -> tuple[int, ...]:
        """Return the console port and the page's."""
        console = self.console or (HTTPS_PORT if tls else HTTP_PORT)
        page = self.page or (_PAGE_TLS_PORT if tls else _PAGE_PORT)
        return tuple(dict.fromkeys((console, page)))

    def disagreement(self, *, tls: bool) -> str:
        """Return what is wrong with the boot argument; empty if nothing is.

        CloudStack works out the port of console URLs anew for each of them, and ``vncport`` once,
        when the system VM is started.
        """
        console, *_ = self.ports(tls=tls)
        if self.console or self.told in (0, console):
            return ""
        why = "sent a keystore" if tls else "sent no keystore"
        return (
            f"boot argument vncport={self.told}, but the management server {why}: consoles are at "
            f"port {console}, as its URLs are; a firewall made at boot may have opened "
            f"{self.told} only: recreate the system VM, or set consoleproxy.agent.firewall"
        )


def port_rule(settings: Settings, boot: Boot) -> PortRule:
    """Return the rule of a system VM."""
    told = boot.console_port
    # CloudStack before 4.18 does not tell: its URLs name 8080 with TLS, too.
    console = settings.port or (0 if told in (HTTP_PORT, HTTPS_PORT) else told or HTTP_PORT)
    return PortRule(console, settings.page_port, told)


class AgentProxy:
    """A console proxy that does not listen before it was told to.

    ``listening`` is called when ports may have changed.

    Args:
        scan: reports from then on.
    """

    def __init__(self, settings: Settings, rule: PortRule, parts: Parts, scan: LoadScan) -> None:
        self._settings = settings
        self._rule = rule
        self._parts = parts
        self._scan = scan
        self._served: bytes | None = None
        self._one = asyncio.Lock()
        self._stopped = False
        self.proxy: ConsoleProxy | None = None
        self.listening: Callable[[], None] = _nothing

    async def start(self, order: StartConsoleProxy) -> None:
        """See ``agent.duties.ProxyInCharge``.

        It goes on where the link ends meanwhile: ports that are half open would be in the way of
        the next order.
        """
        starting = asyncio.get_running_loop().create_task(self._start(order), name="console ports")
        await asyncio.shield(starting)

    async def _start(self, order: StartConsoleProxy) -> None:
        async with self._one:
            if self._stopped:
                raise ManagementUnavailable("the console proxy is being stopped")
            await self._go_by(order)

    async def _go_by(self, order: StartConsoleProxy) -> None:
        keystore = await asyncio.to_thread(_keystore_of, order)
        self._parts.changes.registered(
            Registration(order.encryption_keys, bool(order.source_ip_check), extra_required=False)
        )
        admission = self._parts.admission
        admission.codec = replace(admission.codec, accept_unnamed=True)
        first = self.proxy is None
        if self.proxy is None:
            self.proxy = await self._listen(keystore)
        elif order.keystore != self._served:
            tls = self._tls(keystore)
            await self.proxy.change_ports(self._rule.ports(tls=tls is not None), tls)
            _log.info("the management server's new keystore is served")
        if order.keystore != self._served or first:
            if problem := self._rule.disagreement(tls=keystore is not None):
                _log.warning("%s", problem)
        self._served = order.keystore
        self.proxy.certificate = keystore
        self.listening()

    @property
    def open_ports(self) -> tuple[int, ...]:
        """Where browsers are let in; empty before the management server's word."""
        return self.proxy.open_ports if self.proxy is not None else ()

    @property
    def admin_port(self) -> int:
        """The admin listener's port; 0 before the management server's word."""
        return self.proxy.admin_port if self.proxy is not None else 0

    def load(self) -> str:
        """See ``agent.duties.ProxyInCharge``."""
        return load_report(self._parts.admission.registry, None)

    async def stop(self) -> None:
        """End all sessions, report them, and let go of the ports."""
        self._stopped = True
        async with self._one:
            if self.proxy is not None:
                await self.proxy.stop()

    async def _listen(self, keystore: Keystore | None) -> ConsoleProxy:
        settings, tls = self._settings, self._tls(keystore)
        proxy = ConsoleProxy(
            self._parts.service,
            self._parts.admission.registry,
            Listening(
                address=settings.listen_address,
                ports=self._rule.ports(tls=tls is not None),
                tls=tls,
                admin_address=settings.admin_address,
                admin_port=settings.admin_port,
            ),
            Cloud(_joined, self._scan),
        )
        await proxy.start()
        _log.info(
            "console port %d, processes %d, TLS %s",
            proxy.port,
            self._parts.service.processes,
            "on" if tls else "off: the management server sent no keystore",
        )
        return proxy

    def _tls(self, keystore: Keystore | None) -> ServerTls | None:
        if keystore is None:
            return None
        return ServerTls(keystore, TlsPolicy(self._settings.tls_policy))


def _nothing() -> None:
    """Nobody wants to know."""


def _keystore_of(order: StartConsoleProxy) -> Keystore | None:
    if not order.keystore:
        return None
    # CloudStack takes certificates without their issuers, and whose issuer is a root that browsers
    # know may go without.
    keystore = parse_keystore(
        [("the management server's keystore", order.keystore)],
        order.keystore_password,
        complete=False,
    )
    for warning in keystore.warnings:
        _log.warning("%s", warning)
    return keystore


async def _joined(_: int, __: bool) -> None:
    """Whoever told this proxy to listen knows it already."""
