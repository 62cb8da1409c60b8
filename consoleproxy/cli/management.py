"""Assembly of the embedded management server from its settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from consoleproxy.cli.sealing import sealer_of
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.inventory.watch import InventoryWatch
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
        watched: the file that the inventory was read from, to follow its changes.

    Raises:
        SettingsInvalid: what to change.
        OSError: the port is taken.
    """
    server = ManagementServer(
        ManagementConfig(
            inventory=inventory,
            secret=settings.management_secret,
            database=settings.manage_database,
            sealer=sealer_of(settings),
            address=settings.manage_address,
            port=settings.manage_port,
            page_key=settings.manage_page_key,
            url_domain=settings.url_domain,
            ticket_minutes=ticket_minutes,
            settings=settings,
        )
    )
    async with AsyncExitStack() as stack:
        if watched is not None:
            watch = InventoryWatch(watched, inventory)
            watching = asyncio.get_running_loop().create_task(watch.run(), name="inventory watch")
            stack.push_async_callback(asyncio.wait, {watching})
            stack.callback(watching.cancel)
        await server.start()
        stack.push_async_callback(server.stop)
        yield server
