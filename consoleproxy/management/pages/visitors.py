"""Who may use the pages: a browser on this machine, or somebody who knows the page key."""

import base64
import binascii
import hmac
import math
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

from consoleproxy.management.buckets import Buckets, site_of
from consoleproxy.management.loopback import is_loopback
from consoleproxy.management.pages.login import Logins

# From one address: ten at once, and one more every half minute.
_WRONG_KEYS = 10
_WRONG_SECONDS = 300.0


class Verdict(Enum):
    """What becomes of somebody who shows a key."""

    WELCOME = auto()
    WRONG = auto()
    WAIT = auto()
    """Too many wrong keys came from there: this one was not looked at."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """The pages' protection.

    With a page key, a browser shows it once at ``/login`` and has a login from then on; scripts
    send it each time (HTTP Basic, any user name). Without one, the listener is on loopback, and the
    request must be for a name that means this machine: a page elsewhere can have its own name
    resolve to 127.0.0.1 (DNS rebinding). With a key this does not matter, as browsers keep keys and
    cookies per name.

    Args:
        secret: ``consoleproxy.management.secret``, shared by all management servers.
        page_key: ``consoleproxy.manage.page.key``; empty: none.
    """

    secret: str = field(repr=False)
    page_key: str = field(repr=False)
    _wrong: Buckets = field(default_factory=Buckets, init=False, repr=False)

    @property
    def open(self) -> bool:
        """Whether no key is asked for."""
        return not self.page_key

    @property
    def logins(self) -> Logins:
        """What makes and knows logins."""
        return Logins(self.secret, self.page_key)

    def host_allowed(self, host_header: str) -> bool:
        """Whether the pages answer under this name."""
        return not self.open or is_loopback(_host(host_header))

    def show_key(self, given: bytes, address: str, ticks: float) -> Verdict:
        """Judge a key that came from this address; a wrong one is counted.

        Args:
            ticks: seconds of a clock that never goes back.
        """
        if self.seconds_to_wait(address, ticks):
            return Verdict.WAIT
        if self.page_key and hmac.compare_digest(given, self.page_key.encode()):
            return Verdict.WELCOME
        self._wrong.take(site_of(address), ticks, _WRONG_KEYS, _WRONG_SECONDS)
        return Verdict.WRONG

    def seconds_to_wait(self, address: str, ticks: float) -> int:
        """Return after how many seconds a key from there is looked at again; 0 for at once."""
        wait = self._wrong.wait(site_of(address), ticks, _WRONG_KEYS, _WRONG_SECONDS)
        return math.ceil(wait)


def basic_password(authorization: str) -> bytes | None:
    """Return the password of an ``Authorization`` header; ``None`` if it has none (RFC 7617)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, colon, password = base64.b64decode(credentials, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return password if colon else None


def is_same_origin(host_header: str, origin: str, fetch_site: str) -> bool:
    """Whether a form was sent from our own page, going by what the browser says.

    The origin's scheme is not compared: TLS may end in front of us.

    Args:
        origin: ``Origin`` header; every browser sends it with a form.
        fetch_site: ``Sec-Fetch-Site`` header; empty where the browser does not send it.
    """
    _, _, authority = origin.partition("://")
    return (
        bool(authority)
        and authority.lower() == host_header.lower()
        and fetch_site in ("", "same-origin")
    )


def _host(host_header: str) -> str:
    try:
        return urlsplit(f"//{host_header}").hostname or ""
    except ValueError:
        return ""
