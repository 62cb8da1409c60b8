"""Assembly of the embedded management server from its settings."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from consoleproxy.cli.sealing import sealer_of
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.libvirt.uri import split_uris
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.inventory.sources import InventorySources, followed
from consoleproxy.management.storage.store import shown_location
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)


@asynccontextmanager
async def running_management(
    settings: Settings,
    inventory: Inventory,
    *,
    ticket_minutes: int = 2,
    watched: Path | None = None,
) -> AsyncIterator[ManagementServer]:
    """Run the management server for as long as the context is open.

    Args:
        ticket_minutes: for how many minutes a console link that nobody has used is good.
        watched: the inventory file, which is read and followed; without one, the machines of
            ``inventory`` stay. Those of ``consoleproxy.manage.libvirt`` come beside them.

    Raises:
        SettingsInvalid: what to change.
    """
    sealer = sealer_of(settings)
    server = ManagementServer(
        ManagementConfig(
            inventory=inventory,
            secret=settings.management_secret,
            database=settings.manage_database,
            sealer=sealer,
            address=settings.manage_address,
            port=settings.manage_port,
            page_key=settings.manage_page_key,
            ticket_minutes=ticket_minutes,
            settings=settings,
        )
    )
    sources = InventorySources(watched, split_uris(settings.manage_libvirt))
    async with followed(inventory, sources, sealer):
        await server.start()
        _log.info(
            "management server at %s port %d, database %s, secrets sealed under key %s",
            settings.manage_address,
            server.port,
            shown_location(settings.manage_database),
            sealer.ring.keys[0].id,
        )
        try:
            yield server
        finally:
            await server.stop()
