"""How long small things are under way, alone and beside others."""

from benchmarks import columns, load
from benchmarks.measures.base import Figures, Measure, way_to
from benchmarks.peers.base import Peer
from benchmarks.results import Column

_BUSY = 8
# Each of eight: 20 MB/s in all is what eight users get who watch videos.
_PACED_KIB = 2500
# A link of 16 Mbit/s.
_SLOW_BROWSER_KIB = 2000
_KEY_SECONDS = 1.0
_MB = 1e6


def _echo(name: str, p50: Column, p99: Column, p999: Column, *, busy: int, rate: int) -> Measure:
    def run(peer: Peer, seconds: float) -> Figures:
        found = load.echo(way_to(peer, busy + 1), busy=busy, rate=rate, seconds=seconds)
        yield p50, found.p50
        yield p99, found.p99
        yield p999, found.p999

    return Measure(name=name, columns=(p50, p99, p999), run=run, sessions=busy + 1)


def _keys(peer: Peer, _: float) -> Figures:
    found = load.keys(way_to(peer, 1), rate=_SLOW_BROWSER_KIB, seconds=_KEY_SECONDS)
    yield columns.KEY_P50, found.p50
    yield columns.KEY_MAX, found.max
    yield columns.KEY_STALE, found.queued / _MB


LATENCY: tuple[Measure, ...] = (
    _echo("echo", columns.ECHO_P50, columns.ECHO_P99, columns.ECHO_P999, busy=0, rate=0),
    _echo(
        "echo-paced",
        columns.PACED_P50,
        columns.PACED_P99,
        columns.PACED_P999,
        busy=_BUSY,
        rate=_PACED_KIB,
    ),
    _echo("echo-flat", columns.FLAT_P50, columns.FLAT_P99, columns.FLAT_P999, busy=_BUSY, rate=0),
    Measure(
        name="key",
        columns=(columns.KEY_P50, columns.KEY_MAX, columns.KEY_STALE),
        run=_keys,
        most_rounds=3,
    ),
)
