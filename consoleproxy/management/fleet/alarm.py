"""The alert that no CPVM has capacity: once when that begins, and once when it is over."""

import logging
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class CapacityAlarm:
    """What is known of the want of capacity.

    Attributes:
        refusals: consoles refused for want of capacity, since the start.
        raised: whether the last that was known is that there is none.
    """

    refusals: int = 0
    raised: bool = False

    def refused(self, running: int) -> None:
        """Note that a console was refused while ``running`` CPVMs were connected."""
        self.refusals += 1
        if not self.raised:
            self.raised = True
            _log.error(
                "alert: no console proxy has capacity (%d connected); consoles are refused "
                "until a session ends or a proxy is added",
                running,
            )

    def room(self) -> None:
        """Note that a CPVM has room again."""
        if self.raised:
            self.raised = False
            _log.warning("console proxies have capacity again")
