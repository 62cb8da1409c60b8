"""The proxies' day: they start, report, die, are upgraded one after another, and come back."""

from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.fleet.books import Report
from benchmarks.fleet.proxies import Life, Proxy, Session
from benchmarks.fleet.troubles import Death, deaths
from benchmarks.fleet.world import World

_MISSED_REPORTS = 3


class Operations:
    """Lets happen what happens to proxies.

    Args:
        cut: called with each session that ended with its proxy.
    """

    def __init__(self, world: World, cut: Callable[[Session], None]) -> None:
        self._world = world
        self._agenda = world.agenda
        self._measures = world.measures
        self._cut = cut
        self._deaths = deaths(world.scenario)
        self._to_upgrade = iter(world.proxies)

    def begin(self) -> None:
        """Start all proxies, and note what the day brings."""
        self._start(self._world.proxies)
        self._next_death()
        for _ in range(self._world.scenario.upgraded_at_once):
            self._agenda.at(self._world.scenario.upgrade_from, self._upgrade_next)

    def note_report(self, proxy: Proxy) -> None:
        """Have a proxy's next report delivered."""
        if not proxy.report_due:
            proxy.report_due = True
            when = proxy.next_report(self._agenda.now, self._world.scenario.load_interval)
            self._agenda.at(when, partial(self._report, proxy, proxy.generation))

    def note_all_reports(self) -> None:
        """Deliver reports that change nothing, too, from now on."""
        self._world.every_report = True
        for proxy in self._world.proxies:
            if proxy.life is not Life.GONE:
                self.note_report(proxy)

    def _start(self, proxies: Sequence[Proxy]) -> None:
        for proxy in proxies:
            proxy.start(self._agenda.now)
        self._world.books.register([proxy.number for proxy in proxies], self._agenda.now)
        if self._world.every_report:
            for proxy in proxies:
                self.note_report(proxy)

    def _report(self, proxy: Proxy, generation: int) -> None:
        if generation != proxy.generation or proxy.life is Life.GONE:
            return
        proxy.report_due = False
        report = Report(proxy.number, tuple(proxy.sessions), tuple(proxy.ended))
        proxy.ended = []
        self._world.books.report(report, self._agenda.now)
        if self._world.every_report:
            self.note_report(proxy)

    def _next_death(self) -> None:
        death = next(self._deaths, None)
        if death is not None:
            self._agenda.at(death.at, partial(self._die, death))

    def _die(self, death: Death) -> None:
        proxy = self._world.proxies[death.proxy]
        if proxy.life is Life.SERVING:
            interval = self._world.scenario.load_interval
            unheard = proxy.last_heard(self._agenda.now, interval) + _MISSED_REPORTS * interval
            self._measures.cut.append(self._stop(proxy))
            self._agenda.at(unheard, partial(self._missed, proxy, proxy.generation))
            self._agenda.after(death.seconds, partial(self._start, [proxy]))
        self._next_death()

    def _missed(self, proxy: Proxy, generation: int) -> None:
        if proxy.generation == generation:
            self._world.books.missed(proxy.number, self._agenda.now)

    def _upgrade_next(self) -> None:
        for proxy in self._to_upgrade:
            # One that has just died comes back with what is installed by then.
            if proxy.life is Life.SERVING:
                proxy.life = Life.DRAINING
                self._world.books.drain(proxy.number, self._agenda.now)
                self._drain(proxy, self._agenda.now + self._world.scenario.drain_most)
                return

    def _drain(self, proxy: Proxy, until: float) -> None:
        scenario = self._world.scenario
        if proxy.sessions and self._agenda.now < until:
            self._agenda.after(scenario.load_interval, partial(self._drain, proxy, until))
            return
        self._measures.drained_out += self._stop(proxy)
        self._measures.upgraded += 1
        self._agenda.after(scenario.restart, partial(self._start, [proxy]))
        self._agenda.after(scenario.restart, self._upgrade_next)

    def _stop(self, proxy: Proxy) -> int:
        cut = proxy.stop()
        self._measures.ended += len(cut)
        for session in cut:
            self._cut(session)
        return len(cut)
