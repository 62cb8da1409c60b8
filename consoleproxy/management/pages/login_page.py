"""``/login`` and ``/logout``: the page key once, and a cookie from then on."""

import logging
from http import HTTPStatus

from consoleproxy.management.pages.handler import LOGIN_COOKIE, LOGIN_USER, PageHandler
from consoleproxy.management.pages.login import LOGIN_SECONDS
from consoleproxy.management.pages.visitors import Verdict
from consoleproxy.management.records.used_signatures import use_signature

_log = logging.getLogger(__name__)


class LoginPage(PageHandler):
    """Asks for the page key."""

    async def prepare(self) -> None:
        if self.host_refused():
            return
        known = self.request.method == "GET" and await self.find_login() is not None
        if self._pages.visitors.open or known:
            self.redirect(self.own_address("next", "/"), status=HTTPStatus.SEE_OTHER)

    def get(self) -> None:
        self._show()

    def post(self) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "The key is given on the login page itself.")
            return
        verdict = self.show_key(self.get_body_argument("key", "", strip=False).encode())
        if verdict is Verdict.WAIT:
            self.set_status(HTTPStatus.TOO_MANY_REQUESTS)
            self._show(fault=self.wait_text())
        elif verdict is Verdict.WRONG:
            self.set_status(HTTPStatus.FORBIDDEN)
            self._show(fault="This is not the page key.")
        else:
            _log.info("an operator at %s logged in to the pages", self.request.remote_ip)
            self.set_cookie(
                LOGIN_COOKIE,
                self._pages.visitors.logins.make(self._pages.clock()),
                max_age=LOGIN_SECONDS,
                path="/",
                httponly=True,
                samesite="Strict",
                # TLS ends in front of us, if anywhere: the browser says whether it speaks it.
                secure=self.request.headers.get("Origin", "").startswith("https://"),
            )
            self.redirect(self.own_address("next", "/"), status=HTTPStatus.SEE_OTHER)

    def _show(self, fault: str = "") -> None:
        self.render("login.html", fault=fault, next=self.own_address("next", "/"))


class Logout(PageHandler):
    """``POST /logout``: the login is over, whoever has a copy of it."""

    async def post(self) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Logging out is a button of the pages themselves.")
            return
        login = self.login
        if login is not None:
            now = self._pages.clock()
            await self._pages.database.run(
                lambda db: use_signature(db, LOGIN_USER, login.signature, login.expires, now)
            )
            _log.info("an operator at %s logged out", self.request.remote_ip)
        self.clear_cookie(LOGIN_COOKIE, path="/", httponly=True, samesite="Strict")
        self.redirect("/login", status=HTTPStatus.SEE_OTHER)
