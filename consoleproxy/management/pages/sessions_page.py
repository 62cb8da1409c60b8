"""``/sessions``: who has which console open, and what has ended."""

from urllib.parse import urlencode

from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.paging import PAGE_ROWS, Pager, page_number
from consoleproxy.management.pages.session_rows import SessionRow
from consoleproxy.management.records.sessions import SessionFilter, find_sessions

_FIELDS = ("show", "vm", "account", "client", "proxy")


class SessionsPage(PageHandler):
    """The list of console sessions, newest first."""

    async def get(self) -> None:
        pages, now = self._pages, self._pages.clock()
        query = {name: self.get_query_argument(name, "") for name in _FIELDS}
        number = page_number(self.get_query_argument("page", ""))
        wanted = SessionFilter(
            vm_uuid=self._uuid_of(query["vm"]),
            account=query["account"],
            client_address=query["client"],
            proxy=query["proxy"],
            acquired=True,
            live_only=query["show"] != "all",
        )
        start = (number - 1) * PAGE_ROWS
        count, found = await pages.database.run(
            lambda db: find_sessions(db, wanted, start, PAGE_ROWS)
        )
        self.render(
            "sessions.html",
            sessions=[SessionRow.of(one, pages.inventory, now) for one in found],
            pager=Pager(path="/sessions", number=number, count=count, query=query),
            query=query,
            ended=self.get_query_argument("ended", ""),
            back_query=self._back_query(),
        )

    def _back_query(self) -> str:
        """Return the query that has a page lead back to this part of the list."""
        here = {
            name: self.get_query_argument(name)
            for name in self.request.query_arguments
            if name in (*_FIELDS, "page")
        }
        return f"?{urlencode({'back': f'/sessions?{urlencode(here)}'})}" if here else ""

    def _uuid_of(self, machine: str) -> str:
        """Return the uuid of the first VM of that name; a uuid stays what it is."""
        wanted = machine.casefold()
        named = (one.uuid for one in self._pages.inventory if one.name.casefold() == wanted)
        return next(named, wanted) if wanted else ""
