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

    key: ClassVar[str] = "refused"
    """Short name of the sentence, by which a viewer finds it in another language."""
    sentence: ClassVar[str] = "The console could not be opened."
    close_code: ClassVar[int] = 4400
    level: ClassVar[int] = logging.WARNING
    may_return: ClassVar[bool] = False
    """Whether a link that was used up is good again, inside the reconnection window."""
    unused: ClassVar[bool] = False
    """Whether the link was not used up, and may be good a little later."""

    session_uuid: str = ""
    """Whose console it was, where that is known; for the log."""

    def __init__(self, cause: str = "") -> None:
        super().__init__(cause or self.sentence)

    def told(self, *, named: bool) -> str:
        """Return the reason for a close frame: 123 bytes at most (RFC 6455 section 5.5).

        Args:
            named: with the sentence's key in front, as ``key: sentence``, or ``key+: sentence``
                where the same link may be tried again; for viewers that said ``ends=1``.
        """
        if not named:
            return self.sentence
        return f"{self.key}{'+' if self.may_return or self.unused else ''}: {self.sentence}"
