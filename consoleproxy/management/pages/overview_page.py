"""``/``: what needs a look, and the beginning of each list."""

from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.capacity import Capacity
from consoleproxy.management.pages.alerts import alerts_of
from consoleproxy.management.pages.certificate_rows import served_certificates
from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.proxy_rows import proxy_rows
from consoleproxy.management.pages.session_rows import SessionRow
from consoleproxy.management.records.assignment import candidates
from consoleproxy.management.records.proxies import ProxyRecord, proxies
from consoleproxy.management.records.sessions import ConsoleSession, SessionFilter, find_sessions

_ROWS = 10


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look into the database gave."""

    proxies: tuple[ProxyRecord, ...]
    candidates: tuple[Candidate, ...]
    live: int
    newest: tuple[ConsoleSession, ...]


class OverviewPage(PageHandler):
    """The first page."""

    async def get(self) -> None:
        pages, now = self._pages, self._pages.clock()
        capacity: Capacity = await pages.capacity.read()
        seen = await pages.database.run(lambda db: self._look(db, now))
        certificates = await served_certificates(pages.certificates)
        rows = proxy_rows(seen.proxies, seen.candidates, now)
        machines = list(pages.inventory)
        self.render(
            "overview.html",
            capacity=capacity,
            alerts=alerts_of(capacity, pages.alarm, rows, certificates, pages.inventory.unanswered),
            proxies=rows[:_ROWS],
            proxy_count=len(rows),
            sessions=[SessionRow.of(one, pages.inventory, now) for one in seen.newest],
            session_count=seen.live,
            machines=machines[:_ROWS],
            machine_count=len(machines),
            certificates=certificates,
            ended=self.get_query_argument("ended", ""),
            back_query="?back=/",
        )

    def _look(self, db: Connection, now: float) -> _Seen:
        live, newest = find_sessions(db, SessionFilter(live_only=True), 0, _ROWS)
        given = candidates(db, now, self._pages.capacity.link_seconds)
        return _Seen(proxies(db), given, live, newest)
