"""Sees to it that the firewall has this proxy's ports open while it runs, and not afterwards."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from consoleproxy.agent.firewall.opening import Firewall, Opening
from consoleproxy.errors import ProgramFailed

_log = logging.getLogger(__name__)

# A firewall that was loaded anew has forgotten the ports; ports that retire close some time.
_AGAIN_SECONDS = 30.0


class Keeper:
    """Keeps one firewall right.

    A failure is in the log, once for each cause, and changes nothing for consoles: they are
    reached where another firewall lets them.

    Args:
        openings: what is to be open now; empty while nothing listens.
        again: seconds until all of it is set anew, in case that others have changed it.
    """

    def __init__(
        self,
        firewall: Firewall,
        openings: Callable[[], Sequence[Opening]],
        again: float = _AGAIN_SECONDS,
    ) -> None:
        self._firewall = firewall
        self._openings = openings
        self._again = again
        self._changed = asyncio.Event()
        self._said: object = None

    def changed(self) -> None:
        """Look at the ports now."""
        self._changed.set()

    async def run(self) -> None:
        """Keep it right until cancelled; then close what was opened."""
        try:
            while True:
                self._changed.clear()
                await self._try(tuple(self._openings()))
                try:
                    async with asyncio.timeout(self._again):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        finally:
            # What is under way in a thread ends first: it would open the ports again.
            await self._try(())

    async def _try(self, openings: tuple[Opening, ...]) -> None:
        change = partial(self._firewall.open, openings) if openings else self._firewall.close
        doing = asyncio.get_running_loop().run_in_executor(None, change)
        try:
            await _finished(doing)
        except ProgramFailed as failure:
            if self._said != (said := (str(failure), openings)):
                _log.error("%s", _advice(failure, openings))
            self._said = said
        else:
            if openings != self._said and openings:
                _log.info("open in the firewall: %s", "; ".join(map(_words, openings)))
            self._said = openings


async def _finished(doing: "asyncio.Future[None]") -> None:
    """Wait for a thread to the end, cancelled or not."""
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise


def _advice(failure: ProgramFailed, openings: tuple[Opening, ...]) -> str:
    text = f"the firewall could not be changed: {failure}; that needs CAP_NET_ADMIN."
    if not openings:
        return f"{text} What an agent before this one has opened may still be open"
    ports = "; ".join(map(_words, openings))
    return f"{text} Else empty consoleproxy.agent.firewall, and open yourself: {ports}"


def _words(opening: Opening) -> str:
    return f"{opening.interface} port {', '.join(map(str, opening.ports))}"
