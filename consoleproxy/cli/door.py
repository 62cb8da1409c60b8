"""Assembly of the console port's certificate: where it comes from, and how it is followed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from consoleproxy.front.lifecycle import ConsoleProxy
from consoleproxy.front.renewal import Renewal, log_warnings
from consoleproxy.keystore.context import ServerTls, TlsPolicy
from consoleproxy.keystore.files import KeystoreFiles
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.port import ConsolePort, console_port
from consoleproxy.management.channel.client import ManagementClient
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)


class Door:
    """What the settings say of the console port and its TLS."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.files = KeystoreFiles(Path(settings.keystore_path), settings.keystore_password)

    def first_keystore(self) -> Keystore | None:
        """Return the keystore to start with; ``None`` where none is needed or there.

        Raises:
            KeystoreInvalid: there is one, and it cannot be used.
        """
        if not self.settings.ssl_enabled:
            return None
        keystore = self.files.load()
        if keystore is not None:
            log_warnings(keystore, self.settings.url_domain)
        return keystore

    def port(self, keystore: Keystore | None) -> ConsolePort:
        """Return what the port rule says."""
        settings = self.settings
        return console_port(settings.ssl_enabled, settings.url_domain, keystore is not None)

    def ports(self, keystore: Keystore | None) -> tuple[int, ...]:
        """Return what to listen on: the console port, and the page's where it has its own."""
        console = self.settings.port or self.port(keystore).port
        return tuple(dict.fromkeys(filter(None, (console, self.settings.page_port))))

    def tls(self, keystore: Keystore | None) -> ServerTls | None:
        """Return the console port's TLS; ``None`` for plain HTTP."""
        if keystore is None or not self.port(keystore).tls:
            return None
        return ServerTls(keystore, TlsPolicy(self.settings.tls_policy))


@asynccontextmanager
async def following(
    door: Door, proxy: ConsoleProxy, client: ManagementClient | None, keystore: Keystore | None
) -> AsyncIterator[None]:
    """Follow the keystore for as long as the context is open.

    The files come first; without any, the management server's keystore counts.
    """
    proxy.certificate = keystore
    if not door.settings.ssl_enabled:
        yield
        return

    async def load() -> Keystore | None:
        found = await asyncio.to_thread(door.files.load)
        if found is not None or client is None or not client.keystore_version:
            return found
        pem = await client.keystore()
        return parse_keystore([("the management server's keystore", pem)]) if pem else None

    async def use(new: Keystore) -> None:
        await proxy.change_ports(door.ports(new), door.tls(new))
        proxy.certificate = new

    renewal = Renewal(
        stamp=lambda: (door.files.stamp(), client.keystore_version if client else ""),
        load=load,
        use=use,
        in_use=keystore,
        url_domain=door.settings.url_domain,
    )
    proxy.renewal = renewal
    loop = asyncio.get_running_loop()
    task = loop.create_task(renewal.run(), name="keystore")
    task.add_done_callback(log_crash)
    try:
        yield
    finally:
        renewal.stop()
        task.cancel()
        await asyncio.wait({task})


def log_crash(task: asyncio.Task[None]) -> None:
    """Log how a task ended that should not have."""
    if not task.cancelled() and (crash := task.exception()) is not None:
        _log.critical("%s crashed: news are not noticed", task.get_name(), exc_info=crash)
