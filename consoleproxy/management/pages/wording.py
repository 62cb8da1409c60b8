"""Times as the pages write them."""

import datetime


def moment_text(moment: float) -> str:
    """Return seconds since 1970 as a date and time."""
    return f"{_utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def machine_moment(moment: float) -> str:
    """Return seconds since 1970 for the attribute ``datetime`` of HTML's ``<time>``."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def duration_text(seconds: float) -> str:
    """Return how long something took, in its two largest units: ``3 min 20 s``, ``2 d 4 h``."""
    left = max(0, int(seconds))
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {left} s"
    return f"{left} s"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun: ``1 session``, ``1,000 sessions``."""
    return f"{number:,} {one if number == 1 else many}"


def _utc(moment: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC)
