"""``/login`` and ``/logout``: the page key once, and a cookie from then on."""

import re
from http import HTTPStatus

from consoleproxy.management.pages.handler import LOGIN_COOKIE, PageHandler
from consoleproxy.management.pages.login import LOGIN_SECONDS
from consoleproxy.management.pages.visitors import Verdict

# Our own paths only: "//" and "/\" would lead a browser to another host.
_OWN_PATH = re.compile(r"/(?:[a-z][A-Za-z0-9./-]*)?(?:\?[!-~]*)?")


class LoginPage(PageHandler):
    """Asks for the page key."""

    def prepare(self) -> None:
        if self.host_refused():
            return
        if self._pages.visitors.open or (self.request.method == "GET" and self.has_login()):
            self.redirect(self._next(), status=HTTPStatus.SEE_OTHER)

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
            self.redirect(self._next(), status=HTTPStatus.SEE_OTHER)

    def _next(self) -> str:
        """Return where the browser wanted to go, if that is one of our own pages."""
        wanted = self.get_argument("next", "/")
        return wanted if _OWN_PATH.fullmatch(wanted) else "/"

    def _show(self, fault: str = "") -> None:
        self.render("login.html", fault=fault, next=self._next())


class Logout(PageHandler):
    """``POST /logout``: the browser forgets its login."""

    def post(self) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Logging out is a button of the pages themselves.")
            return
        self.clear_cookie(LOGIN_COOKIE, path="/", httponly=True, samesite="Strict")
        self.redirect("/login", status=HTTPStatus.SEE_OTHER)
