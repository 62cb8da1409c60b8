"""How much goes through: streams, floods of small frames, and consoles that come and go."""

from benchmarks import columns, load
from benchmarks.measures.base import CpuWatch, Figures, Measure, way_to
from benchmarks.peers.base import Peer
from benchmarks.results import Column

_GB = 1e9
_MB = 1e6
_MS = 1e3
_BUSY = 8
_KIB = 1024
# More than any contestant opens in a second; each needs a token of its own.
_MOST_OPENED = 6000
_WARM_SECONDS = 0.5


def _down(sessions: int, write: int, rate: Column, cpu: Column, *, name: str) -> Measure:
    def run(peer: Peer, seconds: float) -> Figures:
        used = CpuWatch(peer.tree)
        found = load.down(
            way_to(peer, sessions), sessions=sessions, write=write, seconds=seconds, watch=used
        )
        yield rate, found.bytes / found.seconds / _MB
        if peer.tree is not None:
            yield cpu, used.seconds / found.bytes * _GB

    return Measure(name=name, columns=(rate, cpu), run=run, sessions=sessions)


def _up(peer: Peer, seconds: float) -> Figures:
    found = load.up(way_to(peer, 1), seconds=seconds)
    yield columns.UP, found.frames / found.seconds


def _opened(peer: Peer, seconds: float) -> Figures:
    used = CpuWatch(peer.tree)
    way = way_to(peer, int(_MOST_OPENED * (seconds + _WARM_SECONDS)))
    found = load.opened(way, seconds=seconds, watch=used)
    yield columns.OPENED, found.consoles / found.seconds
    if peer.tree is not None:
        yield columns.OPENED_CPU, used.seconds / found.consoles * _MS


THROUGHPUT: tuple[Measure, ...] = (
    _down(1, 64 * _KIB, columns.DOWN_1_64K, columns.CPU_1_64K, name="down-1-64k"),
    _down(_BUSY, 64 * _KIB, columns.DOWN_8_64K, columns.CPU_8_64K, name="down-8-64k"),
    _down(1, _KIB, columns.DOWN_1_1K, columns.CPU_1_1K, name="down-1-1k"),
    _down(_BUSY, _KIB, columns.DOWN_8_1K, columns.CPU_8_1K, name="down-8-1k"),
    # A flood leaves seconds of backlog in the socket buffers.
    Measure(name="up", columns=(columns.UP,), run=_up, fresh=True),
    Measure(name="open", columns=(columns.OPENED, columns.OPENED_CPU), run=_opened),
)
