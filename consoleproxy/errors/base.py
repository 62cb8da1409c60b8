"""The root of the tree, and what every refusal of a console has."""

import logging
from typing import ClassVar


class ConsoleProxyError(Exception):
    """Everything that this program raises on purpose."""


class ConsoleRefused(ConsoleProxyError):
    """A console that is not opened, or that is ended, with a reason for its viewer.

    Args:
        cause: what happened, for the log; no secrets.
    """

    sentence: ClassVar[str] = "The console could not be opened."
    close_code: ClassVar[int] = 4400
    level: ClassVar[int] = logging.WARNING
    may_return: ClassVar[bool] = False
    """Whether a link that was used up is good again, inside the reconnection window."""

    session_uuid: str = ""
    """Whose console it was, where that is known; for the log."""

    def __init__(self, cause: str = "") -> None:
        super().__init__(cause or self.sentence)
