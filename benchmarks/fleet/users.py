"""The users' day: they ask for consoles, use them, leave, and come again."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.fleet.books import Link
from benchmarks.fleet.measures import Move
from benchmarks.fleet.proxies import Life, Proxy, Session
from benchmarks.fleet.visits import Visit, visits
from benchmarks.fleet.world import World

# How long it takes a user to see that a console has gone, and to ask anew.
_SURPRISE_SECONDS = 5.0


class Users:
    """Lets the day's visits happen.

    Args:
        changed: called with a proxy whose sessions are others than before.
    """

    def __init__(self, world: World, changed: Callable[[Proxy], None]) -> None:
        self._world = world
        self._agenda = world.agenda
        self._measures = world.measures
        self._changed = changed
        self._last_proxy: dict[int, int] = {}
        self._visits = visits(world.scenario)

    def begin(self) -> None:
        """Note the day's first visit; each notes the next."""
        visit = next(self._visits, None)
        if visit is not None:
            self._agenda.at(visit.at, partial(self._arrive, visit))

    def come_back(self, session: Session) -> None:
        """Have the user of a session that was cut ask for what is left of it."""
        rest = replace(
            session.visit.uses[session.number],
            length=max(0.0, session.until - self._agenda.now),
            again=None,
        )
        uses = session.visit.uses
        visit = replace(
            session.visit, uses=(*uses[: session.number], rest, *uses[session.number + 1 :])
        )
        self._agenda.after(_SURPRISE_SECONDS, partial(self._ask, visit, session.number, 0))

    def _arrive(self, visit: Visit) -> None:
        self._ask(visit, 0, 0)
        self.begin()

    def _ask(self, visit: Visit, number: int, tries: int) -> None:
        use = visit.uses[number]
        link = self._link(visit.machine)
        if link is None:
            self._try_again(visit, number, tries)
        elif use.length is None:
            self._measures.unused += 1
            self._go_on(visit, number)
        else:
            self._agenda.after(use.click, partial(self._click, visit, number, tries, link))

    def _link(self, machine: int) -> Link | None:
        measures = self._measures
        measures.asked += 1
        link = self._world.books.ask(machine, self._agenda.now)
        if link is None:
            measures.refused += 1
            return None
        measures.given += 1
        measures.held += link.held
        measures.overfull += link.over > 0
        measures.most_over = max(measures.most_over, link.over)
        before = self._last_proxy.get(machine)
        if before is not None and before != link.proxy:
            serving = self._world.proxies[before].life is Life.SERVING
            measures.moves[Move.OVER if serving else Move.GONE] += 1
        self._last_proxy[machine] = link.proxy
        return link

    def _try_again(self, visit: Visit, number: int, tries: int) -> None:
        scenario = self._world.scenario
        if tries < scenario.retries:
            again = partial(self._ask, visit, number, tries + 1)
            self._agenda.after(scenario.retry_seconds, again)
        else:
            self._measures.given_up += 1

    def _click(self, visit: Visit, number: int, tries: int, link: Link) -> None:
        use, proxy = visit.uses[number], self._world.proxies[link.proxy]
        session = Session(link, visit, number, self._agenda.now + (use.length or 0.0))
        if not self._open(proxy, session):
            self._try_again(visit, number, tries)
            return
        self._agenda.at(session.until, partial(self._leave, session))
        if use.again is not None:
            self._agenda.after(use.again, partial(self._double, session))

    def _open(self, proxy: Proxy, session: Session) -> bool:
        measures, machine = self._measures, session.link.machine
        if proxy.life is Life.GONE:
            measures.to_dead += 1
            return False
        if machine not in proxy.of_machine and len(proxy.sessions) >= self._world.scenario.room:
            measures.proxy_full += 1
            return False
        if not self._world.books.use(session.link, self._agenda.now):
            measures.not_allowed += 1
            return False
        measures.began += 1
        measures.ended += proxy.open(session) is not None
        self._changed(proxy)
        return True

    def _double(self, first: Session) -> None:
        """Ask for a VM that is open: the new viewer takes the old one's place until its end."""
        if first.over:
            return
        link = self._link(first.link.machine)
        if link is None:
            return
        second = replace(first, link=link)
        if self._open(self._world.proxies[link.proxy], second) and first.over:
            first.successor = second

    def _leave(self, session: Session) -> None:
        last = session
        while last.successor is not None:
            last = last.successor
        if last.cut:
            return
        if not last.over:
            proxy = self._world.proxies[last.link.proxy]
            proxy.close(last)
            self._measures.ended += 1
            self._changed(proxy)
        self._go_on(session.visit, session.number)

    def _go_on(self, visit: Visit, number: int) -> None:
        if number + 1 < len(visit.uses):
            pause = visit.uses[number + 1].pause
            self._agenda.after(pause, partial(self._ask, visit, number + 1, 0))
