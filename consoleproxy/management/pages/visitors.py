"""Who may use the inventory page: a browser on this machine, or one that knows the page key."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(address: str) -> bool:
    """Whether a listener on this address is reached from this machine only."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


@dataclass(frozen=True, slots=True)
class PageRules:
    """The page's protection.

    With a page key, the browser must send it (HTTP Basic, any user name). Without one, the
    listener is on loopback, and the request must be for a name that means this machine: a page
    elsewhere can have its own name resolve to 127.0.0.1 (DNS rebinding). With a key this does not
    matter, as browsers keep keys per name.
    """

    page_key: str = field(repr=False)

    def host_allowed(self, host_header: str) -> bool:
        """Whether the page answers under this name."""
        if self.page_key:
            return True
        host = _host(host_header)
        return is_loopback(host)

    def key_allowed(self, authorization: str) -> bool:
        """Whether an ``Authorization`` header has the page key."""
        if not self.page_key:
            return True
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            _, _, given = base64.b64decode(credentials, validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, self.page_key.encode())


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
