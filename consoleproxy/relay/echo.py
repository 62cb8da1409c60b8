"""The one word that a viewer may say beside its stream: ``echo`` and a number. Pure."""

import re

from consoleproxy.frames import FrameFault

ECHO_LIMIT = 15
"""Bytes of the longest one."""

_ECHO = re.compile(rb"echo [0-9]{1,10}")
# A viewer has one under way at a time. Those that come faster are not answered.
_SECONDS = 0.1


class Echo:
    """What is to be sent back: the last one, as of pings, and so no more than one.

    It is ``waiting``, which is asked for at each key: hence no property.
    """

    __slots__ = ("_answered", "waiting")

    def __init__(self) -> None:
        self._answered: float | None = None
        self.waiting: bytes | None = None

    def hear(self, words: list[bytes], now: float) -> None:
        """Take what the viewer has said.

        Args:
            now: monotonic seconds.

        Raises:
            FrameFault: 1003, one of them is no echo.
        """
        for word in words:
            if not _ECHO.fullmatch(word):
                raise FrameFault(1003, "There is no such word beside a console's stream.")
        if words and (self._answered is None or now - self._answered >= _SECONDS):
            self._answered = now
            self.waiting = words[-1]
