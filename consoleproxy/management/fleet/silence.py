"""How long a CPVM may go unheard, by load reports that may go missing."""

from collections.abc import Iterable

MISSED_REPORTS = 3
"""As many, in a row, before it counts as disconnected."""


def heard_of(last_update: float, load_interval: float, now: float) -> bool:
    """Whether a load report of three intervals ago, or a later one, is the last that came."""
    return now - last_update <= MISSED_REPORTS * load_interval


def longest_silence(load_intervals: Iterable[float]) -> float:
    """Return for how many seconds any CPVM with one of these intervals may go unheard."""
    return MISSED_REPORTS * max(load_intervals, default=0.0)
