"""Where the inventory comes from, and a task for each source that changes by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.combined import CombinedInventory
from consoleproxy.management.inventory.file import FileContent, load_file
from consoleproxy.management.inventory.libvirt.follower import LibvirtFollower
from consoleproxy.management.inventory.libvirt.uri import shown_uri, split_uris, uri_problem
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.inventory.watch import InventoryWatch
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.tasks import run_until_closed

# A hypervisor that does not answer at once keeps no other machine's console waiting.
_FIRST_ANSWER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class InventorySources:
    """The inventory file, if there is one, and the URIs of libvirt."""

    file: Path | None
    libvirt: tuple[str, ...] = ()


def named_sources(inventory: str, libvirt: str) -> InventorySources:
    """Return the sources that two settings name.

    Args:
        inventory: ``consoleproxy.manage.inventory``.
        libvirt: ``consoleproxy.manage.libvirt``.

    Raises:
        SettingsInvalid: what to change.
    """
    uris = split_uris(libvirt)
    problems = [problem for problem in map(uri_problem, uris) if problem is not None]
    if uris and find_spec("libvirt") is None:
        problems.append(
            "consoleproxy.manage.libvirt needs libvirt-python: pip install 'consoleproxy[libvirt]' "
            "(on Debian, first apt-get install libvirt-dev pkg-config gcc python3-dev)"
        )
    if not uris and not inventory:
        problems.append(
            "consoleproxy.manage.inventory and consoleproxy.manage.libvirt are both empty: name a "
            "file of [[vm]] tables, or a hypervisor, e.g. qemu:///system"
        )
    if problems:
        raise SettingsInvalid(problems)
    return InventorySources(Path(inventory) if inventory else None, uris)


@asynccontextmanager
async def followed(
    inventory: Inventory, sources: InventorySources, sealer: Sealer | None = None
) -> AsyncIterator[None]:
    """Keep the inventory as its sources say; without a file, machines that it has stay.

    Args:
        sealer: opens what is sealed in the file.

    Raises:
        SettingsInvalid: what is wrong with the file.
    """
    async with AsyncExitStack() as stack:
        content = FileContent(tuple(inventory))
        watch = None
        if sources.file is not None:
            read = partial(load_file, adding=bool(sources.libvirt), sealer=sealer)
            watch = InventoryWatch(sources.file, read)
            content = await asyncio.to_thread(read, sources.file)
        combined = CombinedInventory(inventory, content, sources.libvirt)
        if watch is not None:
            run_until_closed(stack, watch.run(combined.put_file), "inventory watch")
        settled = []
        for uri in sources.libvirt:
            follower = LibvirtFollower(uri, partial(combined.put_hypervisor, uri))
            run_until_closed(stack, follower.run(), f"inventory of {shown_uri(uri)}")
            settled.append(follower.settled.wait())
        try:
            async with asyncio.timeout(_FIRST_ANSWER_SECONDS):
                await asyncio.gather(*settled)
        except TimeoutError:
            pass  # They answer later, or are said to be lost.
        yield
