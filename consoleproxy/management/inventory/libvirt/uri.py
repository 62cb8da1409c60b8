"""Connection URIs of libvirt (libvirt.org/uri.html), as far as the inventory must know them."""

import re
from urllib.parse import urlsplit

from consoleproxy.management.loopback import is_loopback

_SEPARATORS = re.compile(r"[,\s]+")
_SCHEME = re.compile(r"[a-z]+(\+[a-z0-9]+)?")


def split_uris(text: str) -> tuple[str, ...]:
    """Return the URIs of ``consoleproxy.manage.libvirt``, each once."""
    return tuple(dict.fromkeys(uri for uri in _SEPARATORS.split(text) if uri))


def uri_problem(uri: str) -> str | None:
    """Return what is wrong with a URI and what to do; ``None`` if it can be tried."""
    try:
        parts = urlsplit(uri)
        sound = bool(_SCHEME.fullmatch(parts.scheme)) and uri.startswith(f"{parts.scheme}://")
        sound = sound and parts.port != 0 and parts.path.startswith("/")
    except ValueError:
        sound = False
    if sound:
        return None
    return (
        f"consoleproxy.manage.libvirt: {shown_uri(uri)} is not a URI of libvirt: write e.g. "
        "qemu:///system or qemu+tls://host/system"
    )


def shown_uri(uri: str) -> str:
    """Return a URI for a log: without its query, which names files."""
    return uri.partition("?")[0]


def host_of(uri: str) -> str:
    """Return the host that a URI leads to, IPv6 without brackets; empty for this machine."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    return "" if parts.scheme.endswith("+unix") or is_loopback(host) else host
