"""Assembly of a CPVM from its settings."""

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from consoleproxy.cli.door import Door, following, log_crash
from consoleproxy.cli.parts import parts_of
from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.lifecycle import Cloud, ConsoleProxy, Listening
from consoleproxy.loadscan import LoadScan
from consoleproxy.management.channel.client import Listener, ManagementClient
from consoleproxy.management.channel.documents import ProxyDescription
from consoleproxy.names.console_host import console_host
from consoleproxy.settings import Settings
from consoleproxy.workers.nursery import Nursery

_log = logging.getLogger(__name__)


@asynccontextmanager
async def running_cpvm(
    settings: Settings, nursery: Nursery | None = None
) -> AsyncIterator[ConsoleProxy]:
    """Run a CPVM for as long as the context is open.

    Args:
        nursery: makes the worker processes; without one, this process does it all.

    Raises:
        SettingsInvalid, KeystoreInvalid: what to change.
        OSError: a port is taken, or no worker can be made.
    """
    door = Door(settings)
    keystore = door.first_keystore()
    port = door.port(keystore)
    parts = parts_of(settings, nursery)
    admission, service, changes = parts.admission, parts.service, parts.changes
    registry = admission.registry
    listening = Listening(
        address=settings.listen_address,
        ports=door.ports(keystore),
        tls=door.tls(keystore),
        admin_address=settings.admin_address,
        admin_port=settings.admin_port,
    )
    async with AsyncExitStack() as stack:
        client = _management_client(
            settings,
            Listener(
                registered=changes.registered,
                keystore_changed=lambda _: proxy.reload(),
                settings_changed=changes.changed,
                maintenance_changed=admission.maintain,
                end_session=admission.end_session,
            ),
        )
        if client is None:
            proxy = ConsoleProxy(service, registry, listening)
        else:
            stack.callback(client.close)
            interval = settings.loadscan_interval / 1000
            scan = changes.scan = LoadScan(registry, service.refresh, client, interval)
            admission.authenticator = client
            instance = secrets.token_hex(8)
            admission.changed = scan.wake
            proxy = ConsoleProxy(
                service,
                registry,
                listening,
                Cloud(
                    lambda p, tls: client.register(
                        _description(changes.now, p, tls=tls, instance=instance)
                    ),
                    scan,
                ),
            )
        await proxy.start()
        _log.info(
            "console port %s port %d, processes %d, TLS %s",
            settings.listen_address,
            proxy.port,
            service.processes,
            "on" if port.tls else f"off: {port.reason}",
        )
        stack.push_async_callback(proxy.stop)
        await stack.enter_async_context(following(door, proxy, client, keystore))
        if client is not None:
            await stack.enter_async_context(_hearing(client))
        yield proxy


@asynccontextmanager
async def _hearing(client: ManagementClient) -> AsyncIterator[None]:
    """Hear of the management server's news for as long as the context is open."""
    watching = asyncio.get_running_loop().create_task(client.watch(), name="management watch")
    watching.add_done_callback(log_crash)
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


def _description(settings: Settings, port: int, *, tls: bool, instance: str) -> ProxyDescription:
    return ProxyDescription(
        name=proxy_name(settings),
        address=settings.public_address,
        host=console_host(settings.public_address, settings.url_domain),
        port=settings.public_port or port,
        tls=tls if settings.public_ssl == "auto" else settings.public_ssl == "on",
        session_max=settings.session_max,
        load_interval=settings.loadscan_interval / 1000,
        instance=instance,
    )


def proxy_name(settings: Settings) -> str:
    """Return the proxy's name: ``consoleproxy.name``, or the host's."""
    return settings.name or socket.gethostname()


def _management_client(settings: Settings, listener: Listener) -> ManagementClient | None:
    """Return the client of the management server, where one is asked."""
    if not settings.management_url:
        if not settings.token_key_file and not settings.jwt_algorithm:
            raise SettingsInvalid(
                [
                    "nothing can open tokens: set consoleproxy.management.url, "
                    "consoleproxy.token.key.file or consoleproxy.token.jwt.algorithm"
                ]
            )
        return None
    if not settings.management_secret:
        raise SettingsInvalid(
            [
                "consoleproxy.management.secret is empty: give this proxy and the management "
                "server the same random text"
            ]
        )

    return ManagementClient(
        settings.management_url,
        settings.management_secret,
        proxy_name(settings),
        listener,
    )
