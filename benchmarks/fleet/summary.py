"""The figures of a simulated day."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.fleet.measures import Balance, Measures, Sample, percentile


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in microseconds, and how often it was done."""

    count: int
    p50_us: float
    p99_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day in figures; see ``Measures`` for what is counted.

    Args:
        spread, gini, top: medians over the samples with at least one session for each proxy, and
            the worst of ``top``; ``None`` where there was no such sample.
        empty_least, empty_most: proxies without a session, in the samples.
        peak_sessions: the most that were open at a sample.
        wanted_most: the most proxies that were wanted.
        cut_median, cut_most: sessions that a death ended.
    """

    asked: int
    refused: int
    given_up: int
    held: int
    began: int
    ended: int
    open_at_end: int
    unused: int
    to_dead: int
    not_allowed: int
    proxy_full: int
    at_full_proxy: int
    moves: dict[str, int]
    deaths: int
    cut_median: float
    cut_most: int
    upgraded: int
    drained_out: int
    peak_sessions: int
    wanted_most: int
    empty_least: int
    empty_most: int
    spread: float | None
    gini: float | None
    top: float | None
    top_most: float | None
    decisions: Times


def day_of(measures: Measures) -> Day:
    """Return the figures of a day."""
    busy = [each.balance for each in measures.samples if each.balance and _is_busy(each)]
    empty = [each.balance.empty for each in measures.samples if each.balance]
    return Day(
        asked=measures.asked,
        refused=measures.refused,
        given_up=measures.given_up,
        held=measures.held,
        began=measures.began,
        ended=measures.ended,
        open_at_end=measures.began - measures.ended,
        unused=measures.unused,
        to_dead=measures.to_dead,
        not_allowed=measures.not_allowed,
        proxy_full=measures.proxy_full,
        at_full_proxy=measures.overfull,
        moves={move.value: count for move, count in sorted(measures.moves.items())},
        deaths=len(measures.cut),
        cut_median=statistics.median(measures.cut) if measures.cut else 0.0,
        cut_most=max(measures.cut, default=0),
        upgraded=measures.upgraded,
        drained_out=measures.drained_out,
        peak_sessions=max((each.sessions for each in measures.samples), default=0),
        wanted_most=max((each.wanted for each in measures.samples), default=0),
        empty_least=min(empty, default=0),
        empty_most=max(empty, default=0),
        spread=_median(busy, "spread"),
        gini=_median(busy, "gini"),
        top=_median(busy, "top"),
        top_most=max((each.top for each in busy), default=None),
        decisions=times_of(measures.nanoseconds),
    )


def times_of(nanoseconds: Iterable[int]) -> Times:
    """Return how long something took."""
    values = list(nanoseconds)
    return Times(len(values), percentile(values, 0.5) / 1000, percentile(values, 0.99) / 1000)


def _is_busy(sample: Sample) -> bool:
    return sample.sessions >= sample.running > 0


def _median(balances: Sequence[Balance], name: str) -> float | None:
    return statistics.median(getattr(each, name) for each in balances) if balances else None
