"""Follows the inventory file: what is written there counts from then on, without a restart."""

import asyncio
import logging
from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.file import load_inventory
from consoleproxy.management.inventory.machines import Inventory

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class InventoryWatch:
    """Looks at an inventory file every second; made before anybody may change the file.

    Args:
        path: the file that ``inventory`` was read from.
        inventory: gets the file's machines when it changes.
    """

    def __init__(self, path: Path, inventory: Inventory) -> None:
        self._path = path
        self._inventory = inventory
        self._seen = _stamp(path)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take the file's machines in if it has changed; a faulty file changes nothing."""
        stamp = _stamp(self._path)
        if stamp in (None, self._seen):
            return
        self._seen = stamp
        try:
            self._inventory.exchange(await asyncio.to_thread(load_inventory, self._path))
        except SettingsInvalid as fault:
            _log.error("the inventory changed and cannot be used, the old one stays: %s", fault)
        else:
            _log.info("the inventory changed: %d machines", len(self._inventory))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what differs when the file was written anew; ``None`` while it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
