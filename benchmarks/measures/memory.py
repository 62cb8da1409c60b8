"""What sessions cost that do nothing, and readers that stopped."""

import time
from collections.abc import Callable

from benchmarks import columns, load
from benchmarks.found import Echo
from benchmarks.load import LoadFailed, Moment
from benchmarks.measures.base import Figures, Measure, way_to
from benchmarks.peers.base import Peer
from benchmarks.results import Column, Scheme

_KIB = 1024
_MB = 1e6
_MOMENT = 0.1
# What a proxy loads with its first sessions is no cost of each.
_FIRST = 16
_STOPPED = 4
# In all 100 MB/s: a proxy that takes whatever comes is then seen, and does no harm.
_STOPPED_KIB = 25_000
_STOPPED_SECONDS = 2.5
# The look at memory is over before the sessions end.
_LOOK_SECONDS = 0.3


def _idle(
    name: str,
    sessions: int,
    each: Column,
    whole: Column | None = None,
    *,
    schemes: tuple[Scheme, ...] = ("ws", "wss"),
) -> Measure:
    def run(peer: Peer, _: float) -> Figures:
        first, every = 0, 0

        def with_all(pss: int) -> None:
            nonlocal every
            every = pss

        def with_first(pss: int) -> None:
            nonlocal first
            first = pss
            _hold(peer, sessions - _FIRST, with_all)

        _hold(peer, _FIRST, with_first)
        yield each, (every - first) / (sessions - _FIRST) / _KIB
        if whole is not None:
            yield whole, every / _MB

    return Measure(
        name=name,
        columns=(each,) if whole is None else (each, whole),
        run=run,
        sessions=sessions,
        fresh=True,
        most_rounds=1,
        schemes=schemes,
        of_processes=True,
    )


def _hold(peer: Peer, sessions: int, then: Callable[[int], None]) -> None:
    """Open idle sessions, tell the PSS of all processes, and close them.

    Raises:
        LoadFailed: not all of them live to the end.
    """

    def watch(moment: Moment) -> None:
        if moment is Moment.READY and peer.tree is not None:
            then(peer.tree.pss_bytes())

    found = load.idle(way_to(peer, sessions), sessions=sessions, seconds=_MOMENT, watch=watch)
    if found.alive < sessions:
        raise LoadFailed(f"{found.alive} of {sessions} idle sessions were alive")


def _slow(peer: Peer, seconds: float) -> Figures:
    before, after = 0, 0
    beside: Echo | None = None

    def with_readers(pss: int) -> None:
        nonlocal before
        before = pss

    def watch(moment: Moment) -> None:
        nonlocal after, beside
        if moment is not Moment.START:
            return
        due = time.monotonic() + _STOPPED_SECONDS - _LOOK_SECONDS
        beside = load.echo(way_to(peer, 1), seconds=seconds)
        time.sleep(max(0.0, due - time.monotonic()))
        after = peer.tree.pss_bytes() if peer.tree is not None else 0

    _hold(peer, _STOPPED, with_readers)
    found = load.slow(
        way_to(peer, _STOPPED),
        sessions=_STOPPED,
        rate=_STOPPED_KIB,
        seconds=_STOPPED_SECONDS,
        watch=watch,
    )
    yield columns.SLOW_PSS, (after - before) / _MB
    yield columns.SLOW_TAKEN, (found.taken - found.read) / _MB
    if beside is not None:
        yield columns.SLOW_P99, beside.p99


MEMORY: tuple[Measure, ...] = (
    _idle("idle-300", 300, columns.IDLE_300),
    # With wss it would be two minutes of handshakes.
    _idle("idle-5000", 5000, columns.IDLE_5000, columns.WHOLE_5000, schemes=("ws",)),
    Measure(
        name="slow",
        columns=(columns.SLOW_PSS, columns.SLOW_TAKEN, columns.SLOW_P99),
        run=_slow,
        sessions=_STOPPED + 1,
        fresh=True,
        most_rounds=1,
        of_processes=True,
    ),
)
