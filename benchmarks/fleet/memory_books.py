"""The management server's books in memory: the real decision, on what the database would say."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.fleet.books import Link, Report
from consoleproxy.management.fleet.assignment import Candidate, Order, choose_proxy
from consoleproxy.management.fleet.states import ProxyState


def proxy_name(number: int) -> str:
    """Return a proxy's name; names sort as the numbers do."""
    return f"cpvm-{number:05}"


@dataclass(slots=True)
class SessionRow:
    """A row of ``console_session`` that is not over; ``acquired`` is when its link was used."""

    link: Link
    created: float
    acquired: float | None = None


@dataclass(slots=True)
class _Known:
    """What is known of a proxy beside its ``Candidate``.

    Args:
        reported: sessions in its last report.
        fresh: those that began since.
        links: unused links that are good, by VM.
    """

    reported: int = 0
    fresh: int = 0
    links: Counter[int] = field(default_factory=Counter)

    @property
    def load(self) -> int:
        """What a decision sees: several links of one VM count once, as one of them stays open."""
        return self.reported + self.fresh + len(self.links)

    def load_with(self, machine: int) -> int:
        """Return the load after another link of a VM."""
        return self.load + (machine not in self.links)


class MemoryBooks:
    """Books in memory.

    Args:
        room: sessions of each proxy.
        took: called with the nanoseconds of each decision.
    """

    def __init__(
        self,
        proxies: int,
        room: int,
        link_seconds: float,
        order: Order,
        took: Callable[[int], None],
    ) -> None:
        self._order = order
        self._link_seconds = link_seconds
        self._took = took
        self._table = [
            Candidate(proxy_name(number), ProxyState.DISCONNECTED, room, 0)
            for number in range(proxies)
        ]
        self._numbers = {candidate.name: number for number, candidate in enumerate(self._table)}
        self._known = [_Known() for _ in range(proxies)]
        self._rows: dict[str, SessionRow] = {}
        self._of_machine: dict[int, list[SessionRow]] = {}
        self._out: deque[SessionRow] = deque()
        self._given = 0

    def ask(self, machine: int, now: float) -> Link | None:
        self._expire(now)
        having = self._holders(machine)
        began = time.perf_counter_ns()
        chosen = choose_proxy(self._table, having, self._order)
        self._took(time.perf_counter_ns() - began)
        if chosen is None:
            return None
        self._given += 1
        proxy = self._numbers[chosen.name]
        over = max(0, self._known[proxy].load_with(machine) - chosen.capacity)
        link = Link(f"s{self._given}", machine, proxy, chosen.name in having, over)
        row = SessionRow(link, now)
        self._rows[link.uuid] = row
        self._of_machine.setdefault(machine, []).append(row)
        self._out.append(row)
        self._known[proxy].links[machine] += 1
        self._count(proxy)
        return link

    def use(self, link: Link, now: float) -> bool:
        self._expire(now)
        row = self._rows.get(link.uuid)
        if row is None or row.acquired is not None:
            return False
        row.acquired = now
        self._unlink(row)
        self._known[link.proxy].fresh += 1
        self._count(link.proxy)
        return True

    def report(self, report: Report, now: float) -> None:
        for uuid in report.removed:
            row = self._rows.get(uuid)
            if row is not None and row.acquired is not None and row.link.proxy == report.proxy:
                self._forget(row)
        known = self._known[report.proxy]
        known.reported, known.fresh = len(report.live), 0
        self._count(report.proxy)

    def register(self, proxies: Iterable[int], now: float) -> None:
        started = set(proxies)
        over = [
            row
            for row in self._rows.values()
            if row.acquired is not None and row.link.proxy in started
        ]
        for row in over:
            self._forget(row)
        for proxy in started:
            known = self._known[proxy]
            known.reported = known.fresh = 0
            self._table[proxy] = replace(self._table[proxy], state=ProxyState.RUNNING)
            self._count(proxy)

    def drain(self, proxy: int, now: float) -> None:
        self._table[proxy] = replace(self._table[proxy], state=ProxyState.DISCONNECTED)

    def missed(self, proxy: int, now: float) -> None:
        self._table[proxy] = replace(self._table[proxy], state=ProxyState.DISCONNECTED)

    def candidates(self) -> Sequence[Candidate]:
        return self._table

    def rows(self) -> list[SessionRow]:
        """Return all sessions and links that are not over, as they were made."""
        return list(self._rows.values())

    def reported(self, proxy: int) -> int:
        """Return how many sessions a proxy had in its last report."""
        return self._known[proxy].reported

    def _holders(self, machine: int) -> tuple[str, ...]:
        rows = self._of_machine.get(machine, [])
        opened = [row.link.proxy for row in reversed(rows) if row.acquired is not None]
        links = [row.link.proxy for row in reversed(rows) if row.acquired is None]
        return tuple(dict.fromkeys(self._table[proxy].name for proxy in opened + links))

    def _expire(self, now: float) -> None:
        while self._out and self._out[0].created < now - self._link_seconds:
            row = self._out.popleft()
            if row.acquired is None and row.link.uuid in self._rows:
                self._unlink(row)
                self._forget(row)
                self._count(row.link.proxy)

    def _unlink(self, row: SessionRow) -> None:
        links = self._known[row.link.proxy].links
        links[row.link.machine] -= 1
        if not links[row.link.machine]:
            del links[row.link.machine]

    def _forget(self, row: SessionRow) -> None:
        del self._rows[row.link.uuid]
        rows = self._of_machine[row.link.machine]
        rows.remove(row)
        if not rows:
            del self._of_machine[row.link.machine]

    def _count(self, proxy: int) -> None:
        old, load = self._table[proxy], self._known[proxy].load
        if load != old.load:
            self._table[proxy] = Candidate(old.name, old.state, old.capacity, load)
