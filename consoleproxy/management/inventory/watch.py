"""Follows the inventory file: what is written there counts from then on, without a restart."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.file import FileContent, load_file

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class InventoryWatch:
    """Looks at an inventory file every second; made before the file is read.

    Args:
        read: reads it, as ``load_file`` does.
    """

    def __init__(self, path: Path, read: Callable[[Path], FileContent] = load_file) -> None:
        self._path = path
        self._read = read
        self._seen = _stamp(path)

    async def run(self, take: Callable[[FileContent], None]) -> None:
        """Watch until cancelled; ``take`` is called with what the file has when it changes."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            content = await self.look()
            if content is not None:
                take(content)

    async def look(self) -> FileContent | None:
        """Return what the file has if it has changed; a faulty file changes nothing."""
        stamp = _stamp(self._path)
        if stamp in (None, self._seen):
            return None
        self._seen = stamp
        try:
            content = await asyncio.to_thread(self._read, self._path)
        except SettingsInvalid as fault:
            _log.error("the inventory changed and cannot be used, the old one stays: %s", fault)
            return None
        count = len(content.machines) + len(content.additions)
        _log.info("the inventory changed: %d machines", count)
        return content


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what differs when the file was written anew; ``None`` while it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
