"""Simulated time: what is to happen, in the order in which it does."""

import heapq
from collections.abc import Callable
from itertools import count


class Agenda:
    """Things to do at their times; those of the same time in the order in which they were noted.

    Attributes:
        now: seconds since the day began.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Note something for a time that has not passed yet."""
        heapq.heappush(self._entries, (max(when, self.now), next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Note something for later."""
        self.at(self.now + seconds, action)

    def run(self, until: float, stop: Callable[[], bool] | None = None) -> None:
        """Let time pass; ``stop`` is asked before each thing that happens."""
        while self._entries and self._entries[0][0] <= until:
            if stop is not None and stop():
                return
            when, _, action = heapq.heappop(self._entries)
            self.now = when
            action()
        self.now = until
