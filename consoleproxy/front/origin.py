"""May a page of this origin open a console here?

A websocket is not held to the same-origin policy: any page may try to open one, and says by
``Origin`` (RFC 6455 section 10.2) where it is from.
"""

import re
from ipaddress import AddressValueError, IPv6Address

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.source import Outside

ANY = "*"
_WEB_PORTS = {"http": "80", "https": "443"}
# As browsers write an origin (RFC 6454 section 6.2). Nothing else is read: no path, no user, no
# percent sign, no letter beyond ASCII.
_HOST = r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])"
_PORT = r"(?::(?P<port>[0-9]{1,5}))?"
_AUTHORITY = re.compile(_HOST + _PORT, re.ASCII)
_ORIGIN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://" + _HOST + _PORT, re.ASCII)


def parse_origins(text: str, setting: str) -> frozenset[str]:
    """Read a setting of that name: origins between commas or white space, or ``*``.

    Raises:
        SettingsInvalid: all entries that are no origin, with what to write.
    """
    origins: set[str] = set()
    problems: list[str] = []
    for entry in text.replace(",", " ").split():
        origin = ANY if entry == ANY else _normal_origin(entry)
        if origin:
            origins.add(origin)
        else:
            problems.append(
                f"{setting}: {entry!r} is not an origin: write https://portal.example.org, with "
                "its port if that is not the scheme's own, no path and no *. before the host; or * "
                "alone for any"
            )
    if problems:
        raise SettingsInvalid(problems)
    return frozenset(origins)


def origin_allowed(
    origin: str | None, outside: Outside, own_hosts: frozenset[str], allowed: frozenset[str]
) -> bool:
    """Say whether a page of this origin may open a console.

    A page of the same host may, whatever its port and scheme: a balancer may have changed both.

    Args:
        origin: the request's ``Origin``; ``None`` where there is none, as no browser asks then.
        outside: where the browser sees this proxy.
        own_hosts: further names and addresses of it; IPv6 with or without brackets.
        allowed: from ``parse_origins``.
    """
    if origin is None or ANY in allowed:
        return True
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return False
    if _normal_origin(origin) in allowed:
        return True
    host = _normal_host(match["host"])
    if not host or match["scheme"].lower() not in _WEB_PORTS:
        return False
    return host in {host_of(outside.host), *(own_host(own) for own in own_hosts)}


def _normal_origin(text: str) -> str:
    """Return the origin as all spellings of it are compared; empty if it is none."""
    match = _ORIGIN.fullmatch(text)
    host = _normal_host(match["host"]) if match else ""
    if match is None or not host:
        return ""
    scheme = match["scheme"].lower()
    port = match["port"] or _WEB_PORTS.get(scheme, "")
    return f"{scheme}://{host}:{int(port)}" if port else f"{scheme}://{host}"


def host_of(authority: str) -> str:
    """Return the host of a ``Host`` header as all spellings are compared; empty if it is none."""
    match = _AUTHORITY.fullmatch(authority)
    return _normal_host(match["host"]) if match else ""


def own_host(host: str) -> str:
    """Return a host or address as all spellings are compared; IPv6 with or without brackets."""
    return host_of(f"[{host}]" if ":" in host and not host.startswith("[") else host)


def _normal_host(host: str) -> str:
    """Return a host as all spellings of it are compared; empty if it is none."""
    if not host.startswith("["):
        return host.lower().removesuffix(".")
    try:
        return f"[{IPv6Address(host[1:-1])}]"
    except AddressValueError:
        return ""
