"""Assembly of the embedded management server from its settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from consoleproxy.cli.sealing import sealer_of
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.libvirt.uri import split_uris
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.inventory.sources import InventorySources, followed
from consoleproxy.settings import Settings


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
        OSError: the port is taken.
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
        try:
            yield server
        finally:
            await server.stop()
