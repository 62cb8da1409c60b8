"""The inventory page: VMs with a console button, console proxies, open sessions. No script."""

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.web import RequestHandler

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.fleet.assignment import is_alive
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.issuer import ConsoleRequest, Issuer
from consoleproxy.management.pages.visitors import PageRules, is_same_origin
from consoleproxy.management.records.proxies import proxies
from consoleproxy.management.records.sessions import ConsoleSession, live_sessions
from consoleproxy.management.storage.database import Database

TEMPLATES = Path(__file__).with_name("templates")
_STYLE = (TEMPLATES / "style.css").read_bytes()

# No form-action: Chromium holds the redirect to the console's own port to it, too.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_EXTRA_BYTES = 16


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages work on.

    Args:
        account: in whose name they open consoles.
        clock: seconds since 1970.
    """

    rules: PageRules
    inventory: Inventory
    database: Database
    issuer: Issuer
    certificates: Certificates
    account: str
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open session as the page shows it."""

    machine: str
    proxy: str
    client: str
    since: str


class PageHandler(RequestHandler):
    """Common to all pages: who may see them, and their headers."""

    def initialize(self, pages: Pages) -> None:
        self._pages = pages

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        # With "no-referrer", browsers would send "Origin: null" with our own forms.
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        rules = self._pages.rules
        if not rules.host_allowed(self.request.host):
            self.refuse(
                HTTPStatus.FORBIDDEN,
                "This page does not answer under that name. Open it as http://127.0.0.1 or "
                "http://localhost.",
            )
        elif not rules.key_allowed(self.request.headers.get("Authorization", "")):
            self.set_header("WWW-Authenticate", 'Basic realm="consoleproxy", charset="UTF-8"')
            self.refuse(
                HTTPStatus.UNAUTHORIZED,
                "This page needs its key as the password; the user name does not matter. "
                "The setting is consoleproxy.manage.page.key.",
            )

    def sent_from_here(self) -> bool:
        """Whether a form was sent from our own pages, going by what the browser says."""
        headers = self.request.headers
        return is_same_origin(
            self.request.host, headers.get("Origin", ""), headers.get("Sec-Fetch-Site", "")
        )

    def refuse(self, status: int, text: str) -> None:
        """Answer with a page that says why not."""
        self.set_status(status)
        self.render("refused.html", text=text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer for what no page refused: while the database is away, or a fault of ours."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        if isinstance(error, ManagementRequestRefused):
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        else:
            self.refuse(status_code, f"{self._reason}.")

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log but what was logged where it was found."""
        if not isinstance(value, ManagementRequestRefused):
            super().log_exception(typ, value, tb)


class InventoryPage(PageHandler):
    """``/``"""

    async def get(self) -> None:
        pages = self._pages
        now = pages.clock()
        known, live = await pages.database.run(lambda db: (proxies(db), live_sessions(db)))
        self.render(
            "inventory.html",
            machines=list(pages.inventory),
            proxies=[(proxy, is_alive(proxy, now)) for proxy in known],
            sessions=[self._row(session) for session in live],
        )

    def _row(self, session: ConsoleSession) -> SessionRow:
        machine = self._pages.inventory.find(session.vm_uuid)
        since = datetime.datetime.fromtimestamp(session.acquired or 0, datetime.UTC)
        return SessionRow(
            machine=machine.name if machine else session.vm_uuid,
            proxy=session.proxy,
            client=session.client_address or "",
            since=since.strftime("%Y-%m-%d %H:%M:%S UTC"),
        )


class ConsoleButton(PageHandler):
    """``POST /console/{uuid}``: on to the console of that VM."""

    async def post(self, vm_uuid: str) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Consoles are opened from the inventory page itself.")
            return
        request = ConsoleRequest(
            vm_uuid=vm_uuid,
            account=self._pages.account,
            source_address=self.request.remote_ip or "",
            extra=secrets.token_urlsafe(_EXTRA_BYTES),
        )
        try:
            console = await self._pages.issuer.issue(request)
        except ManagementRequestRefused as refusal:
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(refusal))
            return
        self.redirect(console.url, status=HTTPStatus.SEE_OTHER)


class Style(PageHandler):
    """``/style.css``"""

    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=UTF-8")
        self.finish(_STYLE)


class NotFound(PageHandler):
    """Every other path."""

    def prepare(self) -> None:
        self.refuse(HTTPStatus.NOT_FOUND, "There is no such page here.")
