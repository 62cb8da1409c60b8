"""All consoles of this process: each runs in a task that is owned here."""

import asyncio
import logging

from consoleproxy.console.attempt import Attempt
from consoleproxy.console.model import Surroundings, Upgrade
from consoleproxy.errors import ProxyDraining

_log = logging.getLogger(__name__)

# Longer than a refusal or a close handshake may take.
_END_SECONDS = 3.0


class Consoles:
    """Opens consoles and sees each one to its end."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        # Each with the port of ours that it came in through.
        self._tasks: dict[asyncio.Task[None], int] = {}

    def start(self, upgrade: Upgrade) -> None:
        """Open a console on a handed-over socket; the socket is closed when the console ends."""
        task = asyncio.get_running_loop().create_task(
            Attempt(self._surroundings, upgrade).run(), name=f"console of {upgrade.client_address}"
        )
        self._tasks[task] = upgrade.local_port
        task.add_done_callback(self._finished)

    async def emptied(self, port: int) -> None:
        """Wait until no console is open that came in through this port of ours."""
        while tasks := {task for task, its_port in self._tasks.items() if its_port == port}:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Tell every viewer that the proxy goes away, and wait until all consoles have ended."""
        self._surroundings.admission.end_all(ProxyDraining())
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_END_SECONDS)
        leftover = list(self._tasks)
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (crash := task.exception()) is not None:
            _log.error("%s crashed", task.get_name(), exc_info=crash)
