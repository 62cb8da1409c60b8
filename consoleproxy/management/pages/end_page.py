"""``/sessions/{uuid}/end``: asks once more, and ends an open console."""

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.session_rows import SessionRow
from consoleproxy.management.records.endings import Ordered, order_end
from consoleproxy.management.records.sessions import SessionFilter, find_sessions

_log = logging.getLogger(__name__)


class EndPage(PageHandler):
    """Says whose console it is; its button ends it."""

    async def get(self, uuid: str) -> None:
        pages = self._pages
        _, found = await pages.database.run(
            lambda db: find_sessions(db, SessionFilter(uuid=uuid), 0, 1)
        )
        if not found:
            self._refuse_unknown()
            return
        row = SessionRow.of(found[0], pages.inventory, pages.clock())
        self.render("end.html", session=row, back=self.own_address("back", "/sessions"))

    async def post(self, uuid: str) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Sessions are ended on the pages themselves.")
            return
        now = self._pages.clock()
        window = self._pages.changes.follow.live.now.reconnection_window
        ordered = await self._pages.database.run(lambda db: order_end(db, uuid, now, window))
        if ordered is Ordered.UNKNOWN:
            self._refuse_unknown()
            return
        if ordered is not Ordered.OVER:
            who = "an operator on the pages ends a console session from %s"
            _log.info(who, self.request.remote_ip, extra={"session": uuid})
        back = self.own_address("back", "/sessions")
        joint = "&" if "?" in back else "?"
        self.redirect(f"{back}{joint}{urlencode({'ended': uuid})}", status=HTTPStatus.SEE_OTHER)

    def _refuse_unknown(self) -> None:
        self.refuse(HTTPStatus.NOT_FOUND, "There is no such session, or not any more.")
