"""``/proxies``: all console proxies, a page at a time."""

from collections.abc import Sequence

from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.paging import Pager, page_number
from consoleproxy.management.pages.proxy_rows import ProxyRow, proxy_rows
from consoleproxy.management.records.assignment import candidates
from consoleproxy.management.records.proxies import proxies


class ProxiesPage(PageHandler):
    """The list of console proxies."""

    async def get(self) -> None:
        pages, now = self._pages, self._pages.clock()
        link_seconds = pages.capacity.link_seconds
        known, loads = await pages.database.run(
            lambda db: (proxies(db), candidates(db, now, link_seconds))
        )
        rows = proxy_rows(known, loads, now)
        number = page_number(self.get_query_argument("page", ""))
        pager = Pager(path="/proxies", number=number, count=len(rows))
        self.render("proxies.html", proxies=pager.part(rows), pager=pager, changed=self._news(rows))

    def _news(self, rows: Sequence[ProxyRow]) -> str:
        """Return what became of the proxy whose button was pressed."""
        name = self.get_query_argument("changed", "", strip=False)
        if not name:
            return ""
        row = next((row for row in rows if row.name == name), None)
        return f"{name} is out of the books." if row is None else f"{name}: {row.state}."
