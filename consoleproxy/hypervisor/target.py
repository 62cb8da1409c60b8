"""Which way leads to the screen, chosen from the fields of a console endpoint."""

import ipaddress
import re
from dataclasses import dataclass, field

from consoleproxy.errors import HypervisorUnreachable, UnsupportedConsole

_UNIX = "unix:"
# unix(7): sun_path has 108 bytes, one of them for the NUL at its end.
_UNIX_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[!-.0-~]+)+", re.ASCII)
_UNIX_PATH_LIMIT = 107
# What a resolver takes; underscores are no host name's, but names in use have them.
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9._-]{1,15}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_URL = re.compile(r"([^:/?#]+)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?", re.ASCII)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::([0-9]{1,5}))?", re.ASCII)
# RFC 6265 section 4.1.1, cookie-octet.
_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]+", re.ASCII)
_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}


@dataclass(frozen=True, slots=True)
class TcpTarget:
    """A VNC server on a TCP port, as KVM and most others have it; IPv6 without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return _join(self.host, self.port)


@dataclass(frozen=True, slots=True)
class UnixTarget:
    """A VNC server on a unix socket of this machine, as libvirt can have it."""

    path: str

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}"


@dataclass(frozen=True, slots=True)
class TunnelTarget:
    """XenServer's console: RFB behind an HTTP ``CONNECT`` with a session.

    Args:
        path: what stands behind ``CONNECT``: path and query, without blanks.
        session: a value that fits into a cookie as it is.
    """

    host: str
    port: int
    tls: bool
    path: str
    session: str = field(repr=False)

    def __str__(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"tunnel {scheme}://{_join(self.host, self.port)}{self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class WebSocketTarget:
    """VMware's console, or any RFB inside a websocket.

    Args:
        path: path and query, without blanks; VMware's holds a ticket that works once.
    """

    host: str
    port: int
    tls: bool
    path: str = field(repr=False)

    def __str__(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{_join(self.host, self.port)}"


Target = TcpTarget | UnixTarget | TunnelTarget | WebSocketTarget


def choose_target(
    *,
    host: str,
    port: int,
    tunnel_url: str,
    tunnel_session: str,
    websocket_url: str,
    hyperv_host: str,
) -> Target:
    """Return the target, looking at the fields in CloudStack's order.

    Args:
        host: an address, a name, or ``unix:`` and the absolute path of a socket.
        port: of TCP only.

    Raises:
        UnsupportedConsole: the way that the fields ask for is not built.
        HypervisorUnreachable: the fields lead nowhere; the cause has no ticket and no session.
    """
    if websocket_url.strip():
        at, at_port, scheme, path = _parse_url("websocket URL", websocket_url, ("wss", "ws"))
        return WebSocketTarget(at, at_port, scheme == "wss", path)
    if tunnel_url.strip() and tunnel_session.strip():
        at, at_port, scheme, path = _parse_url("tunnel URL", tunnel_url, ("https", "http"))
        if not _COOKIE_VALUE.fullmatch(tunnel_session):
            raise HypervisorUnreachable("the tunnel session has characters that no cookie may have")
        return TunnelTarget(at, at_port, scheme == "https", path, tunnel_session)
    if hyperv_host.strip():
        raise UnsupportedConsole("the endpoint asks for Hyper-V's RDP")
    if host.startswith(_UNIX):
        return UnixTarget(_unix_path(host.removeprefix(_UNIX)))
    plain = _host(host)
    if not plain or not 0 < port < 65536:
        raise HypervisorUnreachable(f"the endpoint has no usable address: {host!r} port {port}")
    return TcpTarget(plain, port)


def _parse_url(what: str, url: str, schemes: tuple[str, str]) -> tuple[str, int, str, str]:
    """Return host, port, scheme in small letters, path with query."""
    parts = _URL.fullmatch(url) if _VISIBLE.fullmatch(url) else None
    if parts is None:
        raise HypervisorUnreachable(
            f"the {what} is not {schemes[0]}://host/path: it has blanks, control characters, a "
            "fragment, or no scheme"
        )
    scheme, authority, path, query = parts.groups("")
    scheme = scheme.lower()
    if scheme not in schemes:
        raise HypervisorUnreachable(f"the {what} does not begin with {schemes[0]}://")
    place = _AUTHORITY.fullmatch(authority)
    host = _host(place[1]) if place else ""
    port = int(place[2] or _PORTS[scheme]) if place else 0
    if not host or not 0 < port < 65536:
        raise HypervisorUnreachable(f"the {what} has no usable host and port, or holds a user name")
    return host, port, scheme, f"{path or '/'}{query}"


def _host(text: str) -> str:
    """Return an address without brackets, or a name; empty if it is neither."""
    bracketed = text.startswith("[") and text.endswith("]")
    bare = text[1:-1] if bracketed else text
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return text if _NAME.fullmatch(text) else ""
    if isinstance(address, ipaddress.IPv4Address):
        return "" if bracketed else text
    return bare if address.scope_id is None or _ZONE.fullmatch(address.scope_id) else ""


def _unix_path(path: str) -> str:
    if len(path) > _UNIX_PATH_LIMIT or not _UNIX_PATH.fullmatch(path):
        raise HypervisorUnreachable(
            f"{path!r} is not the absolute path of a unix socket: {_UNIX_PATH_LIMIT} visible ASCII "
            "characters or fewer, and no part of it empty, . or .."
        )
    return path


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
