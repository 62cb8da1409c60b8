"""What a browser lets the viewer's page do: run its own script, speak with this proxy, no more."""

import re
from dataclasses import dataclass

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.origin import ANY, host_of, own_host, parse_origins
from consoleproxy.front.source import Outside

# What a console never needs. Full screen, clipboard and keyboard are left as they are.
_DENIED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "magnetometer", "microphone", "midi", "payment"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
# Such a policy has no word for other hosts: IPv6 addresses, and names with an underscore.
_NAMED = re.compile(r"[a-z0-9.-]+", re.ASCII)
_PERMISSIONS = ", ".join(f"{feature}=()" for feature in _DENIED)


def parse_ancestors(text: str, setting: str) -> frozenset[str]:
    """Read a setting of that name: sites that may show the page in a frame, or ``*``.

    Raises:
        SettingsInvalid: all entries that are no origin, or that no policy can name.
    """
    sites = parse_origins(text, setting)
    if nameless := sorted(site for site in sites if "[" in site):
        raise SettingsInvalid(
            [
                f"{setting}: browsers cannot be told of {site}: write a name for the IPv6 address"
                for site in nameless
            ]
        )
    return sites


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The policy of the page as it was built: its inline script and style, each by its hash."""

    script: str
    style: str

    def headers(self, outside: Outside, entrance: Entrance) -> dict[str, str]:
        """Return the headers of all of the viewer's files.

        Args:
            outside: what the browser sees of this proxy.
        """
        ancestors = _ancestors(entrance.frame_ancestors)
        policy = (
            "default-src 'none'",
            f"script-src 'self' '{self.script}'",
            f"style-src '{self.style}'",
            "img-src data: blob:",
            f"connect-src {_websockets(outside, entrance)}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
        headers = {
            "Content-Security-Policy": "; ".join(policy),
            "Permissions-Policy": _PERMISSIONS,
        }
        if not entrance.frame_ancestors:
            # It has no word for other sites, and browsers that know frame-ancestors leave it aside.
            headers["X-Frame-Options"] = "SAMEORIGIN"
        return headers


def _ancestors(sites: frozenset[str]) -> str:
    return ANY if ANY in sites else " ".join(["'self'", *sorted(sites)])


def _websockets(outside: Outside, entrance: Entrance) -> str:
    """Return where the page may open websockets: where ``front.origin`` lets it open consoles.

    Any port, as a link names one for where nobody answers at the page's own.
    """
    seen = host_of(outside.host)
    if ANY in entrance.allowed_origins or not _NAMED.fullmatch(seen):
        return "'self' ws: wss:"
    sites = (host_of(site.partition("://")[2]) for site in entrance.allowed_origins)
    hosts = {seen, *map(own_host, entrance.own_hosts), *sites}
    # A balancer may not have told of its TLS.
    schemes = ("wss",) if outside.scheme == "https" else ("ws", "wss")
    named = sorted(filter(_NAMED.fullmatch, hosts))
    return " ".join(["'self'", *(f"{scheme}://{host}:*" for host in named for scheme in schemes)])
