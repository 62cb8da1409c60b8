"""The order of a run: contestants take turns in each measure, and measures in each round."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import columns, progress
from benchmarks.load import LoadFailed
from benchmarks.measures import idle_cpu
from benchmarks.measures.base import Measure
from benchmarks.peers.base import Direct, Peer
from benchmarks.peers.certificate import Certificate
from benchmarks.results import Column, Place, Results, Scheme

_SCHEMES: tuple[Scheme, ...] = ("ws", "wss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """A run, and where its figures go.

    Args:
        rounds: how often each measure is done, where it is not limited by itself.
        seconds: a usual window.
        idle_seconds: how long idle sessions are watched; None: not at all.
        guest_port: on loopback.
        certificate: what all contestants show with wss.
    """

    peers: tuple[type[Peer], ...]
    measures: tuple[Measure, ...]
    rounds: int
    seconds: float
    idle_seconds: float | None
    guest_port: int
    certificate: Certificate
    results: Results

    def run(self) -> None:
        """Run all rounds, and watch idle sessions at the end."""
        for number in range(self.rounds):
            for scheme in _SCHEMES:
                with ExitStack() as standing:
                    self._round(number, scheme, standing)
        if self.idle_seconds is not None:
            self._idle_cpu(self.idle_seconds)

    def _round(self, number: int, scheme: Scheme, standing: ExitStack) -> None:
        started: dict[type[Peer], Peer] = {}
        for measure in self.measures:
            for kind in self._in_turn(number):
                if not measure.suits(kind, scheme, number):
                    continue
                if kind.most_sessions is not None and measure.sessions > kind.most_sessions:
                    self._remark(kind, scheme, measure.columns, f"holds {kind.most_sessions}")
                    continue
                progress.progress(
                    f"round {number + 1} of {self.rounds}, {scheme} {measure.name}: {kind.name}"
                )
                if measure.fresh:
                    with self._started(kind, scheme) as peer:
                        self._measure(measure, peer, scheme)
                    continue
                if kind not in started:
                    started[kind] = standing.enter_context(self._started(kind, scheme))
                self._measure(measure, started[kind], scheme)

    def _in_turn(self, number: int) -> Iterator[type[Peer]]:
        """Yield all; another one begins in each round, so no place in the row is anyone's."""
        for index in range(len(self.peers)):
            yield self.peers[(index + number) % len(self.peers)]

    def _started(self, kind: type[Peer], scheme: Scheme) -> Peer:
        return kind(self.guest_port, self.certificate if scheme == "wss" else None)

    def _measure(self, measure: Measure, peer: Peer, scheme: Scheme) -> None:
        try:
            for column, value in measure.run(peer, self.seconds):
                self.results.add(Place(scheme, column, peer.name), value)
        except LoadFailed as error:
            progress.lasting(f"{scheme} {peer.name} failed: {error}\n{peer.last_words()}")
            self._remark(type(peer), scheme, measure.columns, "failed")

    def _idle_cpu(self, seconds: float) -> None:
        progress.progress(f"{idle_cpu.NAME}: all at once, for {seconds:.0f} s")
        watched = idle_cpu.IdleCpu(seconds)
        with ExitStack() as standing:
            places: dict[Peer, Place] = {}
            for scheme, kind in itertools.product(_SCHEMES, self.peers):
                place = Place(scheme, columns.IDLE_CPU, kind.name)
                if kind is Direct:
                    continue
                if kind.most_sessions is not None and kind.most_sessions < idle_cpu.SESSIONS:
                    self.results.remarks[place] = f"holds {kind.most_sessions}"
                    continue
                places[standing.enter_context(self._started(kind, scheme))] = place
            watched.measure(list(places))
        for peer, percent in watched.percent.items():
            self.results.add(places[peer], percent)
        for peer, failure in watched.failures.items():
            progress.lasting(f"{idle_cpu.NAME}: {peer.name} failed: {failure}")
            self.results.remarks[places[peer]] = "failed"

    def _remark(self, kind: type[Peer], scheme: Scheme, of: tuple[Column, ...], text: str) -> None:
        for column in of:
            self.results.remarks[Place(scheme, column, kind.name)] = text
