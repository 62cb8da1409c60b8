"""All consoles of this process: each runs in a task that is owned here."""

import asyncio
import logging

from consoleproxy.console.attempt import Attempt
from consoleproxy.console.guest import Reach
from consoleproxy.console.model import Limits, Surroundings, Upgrade
from consoleproxy.errors import ProxyDraining

_log = logging.getLogger(__name__)

# Longer than a refusal or a close handshake may take.
_END_SECONDS = 3.0


class Consoles:
    """Opens consoles and sees each one to its end."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        # Each with the port of ours that it came in through.
        self._tasks: dict[asyncio.Task[None], tuple[Attempt, int]] = {}

    def start(self, upgrade: Upgrade) -> None:
        """Open a console on a handed-over socket; the socket is closed when the console ends."""
        attempt = Attempt(self._surroundings, upgrade)
        task = asyncio.get_running_loop().create_task(
            attempt.run(), name=f"console of {upgrade.client_address}"
        )
        self._tasks[task] = attempt, upgrade.local_port
        task.add_done_callback(self._finished)

    def change(self, limits: Limits, reach: Reach | None) -> None:
        """Hold the consoles that are open to other limits, too.

        Args:
            reach: how to dial from now on; ``None`` for as before.
        """
        self._surroundings.limits = limits
        if reach is not None:
            self._surroundings.reach = reach
        for attempt, _ in self._tasks.values():
            attempt.limits_changed()

    async def emptied(self, port: int) -> None:
        """Wait until no console is open that came in through this port of ours."""
        while tasks := {task for task, (_, its_port) in self._tasks.items() if its_port == port}:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Tell every viewer that the proxy goes away, and wait until all consoles have ended."""
        self._surroundings.admission.end_all(ProxyDraining())
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_END_SECONDS)
        await self.cut()

    async def cut(self) -> None:
        """Let go of all consoles without a word, so that their viewers try to come back."""
        leftover = list(self._tasks)
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (crash := task.exception()) is not None:
            _log.error("%s crashed", task.get_name(), exc_info=crash)
