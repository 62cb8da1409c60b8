"""The secret by which a browser's tab comes back to its console, exchanged at each use.

The page names its tab at random, in the websocket's query. The answer to each request of it sets a
cookie of that name, which scripts cannot read and which other sites' pages do not send along.
"""

import hashlib
import re
import secrets
from collections.abc import Container
from dataclasses import dataclass, field

from consoleproxy.session.returns import NO_CLAIM, Claim

_PREFIX = "consoleproxy-"
_COOKIE = re.compile(rf"\s*{_PREFIX}([A-Za-z0-9_-]{{16,64}})=([^\s;,]*)\s*", re.ASCII)
_SECRET_BYTES = 32
# More consoles than anybody looks at. Browsers send cookies in the order of their making (RFC 6265
# section 5.4), so the first ones are the oldest.
_MOST_COOKIES = 24
# No browser keeps more of one site.
_MOST_OF_A_SITE = 200
# A load balancer may take no more than 4 KiB of an answer's headers. The others go with the next.
_MOST_THROWN_AWAY = 8
_GONE = "Max-Age=0"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is made of a request: the claim, and the ``Set-Cookie`` headers of its answer."""

    claim: Claim = NO_CLAIM
    set_cookies: tuple[str, ...] = field(default=(), repr=False)


def crowd_of(tab: str, cookie_header: str) -> frozenset[str]:
    """Return the other tabs, as claims name them, if there are so many that some have to go."""
    if not tab:
        return frozenset()
    others = [name for name in _shown(cookie_header) if name != tab]
    if len(others) < _MOST_COOKIES:
        return frozenset()
    return frozenset(map(_digest, others[:_MOST_OF_A_SITE]))


def exchange(
    tab: str, cookie_header: str, *, tls: bool, framed: bool, known: Container[str] = ()
) -> Exchange:
    """Take the tab's secret out of a request, and make the next one.

    Args:
        tab: as the query has it; empty for a viewer that does not come back by a secret.
        cookie_header: ``Cookie``; several of them may stand in it, between commas.
        tls: whether the browser speaks TLS, to a load balancer perhaps.
        framed: the page says that it is shown within another one.
        known: of a crowd, those whose cookies are the last to be thrown away.
    """
    if not tab:
        return Exchange()
    attributes = _attributes(tls=tls, framed=framed)
    shown = _shown(cookie_header)
    own = shown.pop(tab, "")
    spare = sorted(shown, key=lambda name: _digest(name) in known)
    spare = spare[: max(0, len(shown) - _MOST_COOKIES + 1)]
    for name in spare:
        del shown[name]
    given = secrets.token_urlsafe(_SECRET_BYTES)
    return Exchange(
        Claim(
            _digest(tab),
            _digest(own) if own else "",
            _digest(given),
            tuple((_digest(name), _digest(value)) for name, value in shown.items() if value),
        ),
        (
            f"{_PREFIX}{tab}={given}; {attributes}",
            *(f"{_PREFIX}{name}=; {_GONE}; {attributes}" for name in spare[:_MOST_THROWN_AWAY]),
        ),
    )


def _attributes(*, tls: bool, framed: bool) -> str:
    """Return the cookie's attributes (RFC 6265bis section 4.1.2).

    ``Strict`` cookies do not reach a frame in another site's page. There they are set apart for
    that site (``Partitioned``), which needs TLS.
    """
    if not tls:
        return "Path=/websockify; HttpOnly; SameSite=Strict"
    if not framed:
        return "Path=/websockify; HttpOnly; Secure; SameSite=Strict"
    return "Path=/websockify; HttpOnly; Secure; SameSite=None; Partitioned"


def _shown(cookie_header: str) -> dict[str, str]:
    """Return the secret of each tab, in the order of the cookies; empty where it is not certain."""
    shown: dict[str, str] = {}
    for name, value in _cookies(cookie_header):
        # Of two by one name, one is not ours.
        shown[name] = "" if name in shown else value
    return shown


def _cookies(header: str) -> list[tuple[str, str]]:
    """Return tab and secret of each of our cookies, in their order."""
    found = (_COOKIE.fullmatch(part) for part in re.split("[;,]", header))
    return [(match[1], match[2]) for match in found if match and match[2]]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
