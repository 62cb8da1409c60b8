"""What all pages have in common: who may see them, their headers, and how they refuse."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import Caller
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.configuration.changes import Changes
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.orders import ProxyOrders
from consoleproxy.management.fleet.scan import CapacityBook
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.issuer import Issuer
from consoleproxy.management.pages.assets import NAVIGATION, STYLE_URL
from consoleproxy.management.pages.login import Login
from consoleproxy.management.pages.visitors import (
    Verdict,
    Visitors,
    basic_password,
    is_same_origin,
)
from consoleproxy.management.pages.wording import counted, moment_text
from consoleproxy.management.query_free import QueryFreeHandler
from consoleproxy.management.records.used_signatures import was_used
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

LOGIN_COOKIE = "consoleproxy-login"
# In whose name logins that are over are remembered; no user's.
LOGIN_USER = "operator's pages"

# No form-action: Chromium holds the redirect to the console's own port to it, too.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of our own pages only: "//" and "/\\" would lead a browser to another host.
_OWN_ADDRESS = re.compile(r"/(?:[a-z][A-Za-z0-9./-]*)?(?:\?[!-~]*)?")
_REFRESH_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What the pages work on.

    Args:
        caller: in whose name they open consoles.
        clock: seconds since 1970.
        ticks: seconds of a clock that never goes back.
    """

    visitors: Visitors
    inventory: Inventory
    database: Database
    issuer: Issuer
    certificates: Certificates
    capacity: CapacityBook
    alarm: CapacityAlarm
    changes: Changes
    orders: ProxyOrders
    caller: Caller
    clock: Callable[[], float]
    ticks: Callable[[], float] = time.monotonic


class PageHandler(QueryFreeHandler):
    """Common to all pages."""

    def initialize(self, pages: Pages) -> None:
        self._pages = pages
        self._entered = False
        self.login: Login | None = None

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        # With "no-referrer", browsers would send "Origin: null" with our own forms.
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def get_template_namespace(self) -> dict[str, Any]:
        """Return what every template knows."""
        return {
            **super().get_template_namespace(),
            "path": self.request.path,
            "navigation": NAVIGATION if self._entered else (),
            "style_url": STYLE_URL,
            "refresh_seconds": _REFRESH_SECONDS if self._refreshes else 0,
            "refresh_url": self._refresh_url(),
            "now_text": moment_text(self._pages.clock()),
            "logged_in": self.login is not None,
            "counted": counted,
        }

    @property
    def _refreshes(self) -> bool:
        """Whether the browser asked for a page that comes again by itself."""
        return self.get_query_argument("refresh", "") == str(_REFRESH_SECONDS)

    def _refresh_url(self) -> str:
        """Return the address of this page with that turned on or off."""
        query = {
            name: self.get_query_argument(name)
            for name in self.request.query_arguments
            if name not in ("refresh", "ended", "changed")
        }
        if not self._refreshes:
            query["refresh"] = str(_REFRESH_SECONDS)
        return f"{self.request.path}?{urlencode(query)}" if query else self.request.path

    async def prepare(self) -> None:
        if self.host_refused():
            return
        self.login = await self.find_login()
        if self._pages.visitors.open or self.login is not None:
            self._entered = True
            return
        password = basic_password(self.request.headers.get("Authorization", ""))
        if password is None:
            self._ask_for_key()
            return
        verdict = self.show_key(password)
        self._entered = verdict is Verdict.WELCOME
        if verdict is Verdict.WRONG:
            self._ask_for_key(wrong=True)
        elif verdict is Verdict.WAIT:
            self.refuse(HTTPStatus.TOO_MANY_REQUESTS, self.wait_text())

    def host_refused(self) -> bool:
        """Whether it was refused because the pages do not answer under that name."""
        if self._pages.visitors.host_allowed(self.request.host):
            return False
        self.refuse(
            HTTPStatus.FORBIDDEN,
            "This page does not answer under that name. Open it as http://127.0.0.1 or "
            "http://localhost.",
        )
        return True

    async def find_login(self) -> Login | None:
        """Return the browser's login, if it is good and was not logged out.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        visitors = self._pages.visitors
        login = visitors.logins.read(self.get_cookie(LOGIN_COOKIE, "") or "", self._pages.clock())
        if visitors.open or login is None:
            return None
        over = partial(was_used, user_uuid=LOGIN_USER, signature=login.signature)
        return None if await self._pages.database.run(over) else login

    def show_key(self, key: bytes) -> Verdict:
        """Judge a key that the request has."""
        verdict = self._pages.visitors.show_key(key, self._address, self._pages.ticks())
        if verdict is Verdict.WRONG:
            _log.warning("a wrong page key came from %s", self._address)
        return verdict

    def wait_text(self) -> str:
        """Say for how long no key is looked at, in a header as well."""
        seconds = self._pages.visitors.seconds_to_wait(self._address, self._pages.ticks())
        self.set_header("Retry-After", str(seconds))
        return f"Too many wrong keys came from this address. Try again in {seconds} seconds."

    @property
    def _address(self) -> str:
        return self.request.remote_ip or ""

    def _ask_for_key(self, *, wrong: bool = False) -> None:
        """Send people to the login page; tell programs, which ask for no HTML, how to log in."""
        if "text/html" in self.request.headers.get("Accept", "") and not wrong:
            there = self.request.uri if self.request.method == "GET" else "/"
            self.redirect(f"/login?next={quote(there or '/', safe='')}", status=303)
            return
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

    def own_address(self, argument: str, default: str) -> str:
        """Return where the request wants the browser to go next, if that is one of our pages."""
        wanted = self.get_argument(argument, default)
        return wanted if _OWN_ADDRESS.fullmatch(wanted) else default

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


class NotFound(PageHandler):
    """Every other path."""

    async def prepare(self) -> None:
        self.refuse(HTTPStatus.NOT_FOUND, "There is no such page here.")
