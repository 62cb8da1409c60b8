"""Where a domain's screen is: ``<graphics type='vnc'>`` (libvirt.org/formatdomain.html)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from xml.etree.ElementTree import Element

from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.target import choose_target
from consoleproxy.management.loopback import is_loopback

_THIS_MACHINE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Screen:
    """A domain's screen.

    Args:
        host, port: see ``VirtualMachine``; empty and 0 where it cannot be reached.
        missing: why not; empty where it can be reached.
    """

    host: str = ""
    port: int = 0
    password: str = field(default="", repr=False)
    missing: str = ""


def screen_of(graphics: Iterable[Element], host: str, now: datetime.datetime) -> Screen:
    """Return the first VNC screen that can be reached, or the first one's fault.

    Args:
        host: the hypervisor's; empty for this machine.
        now: in UTC, with its zone.
    """
    elements = list(graphics)
    screens = [_vnc(one, host, now) for one in elements if one.get("type") == "vnc"]
    for screen in screens:
        if not screen.missing:
            return screen
    if screens:
        return screens[0]
    others = sorted({one.get("type", "") for one in elements} - {""})
    return Screen(missing=f"it has {' and '.join(others) or 'no graphics'}, and no VNC")


def _vnc(graphics: Element, host: str, now: datetime.datetime) -> Screen:
    password = graphics.get("passwd", "")
    expired = _expired(graphics.get("passwdValidTo", ""), now)
    if expired:
        return Screen(missing=f"its VNC password was valid until {expired} UTC")
    path = _socket(graphics)
    if path is not None:
        return _on_socket(path, host, password)
    port = _port(graphics)
    if not port:
        return Screen(missing="its VNC server has no port")
    listens = _address(graphics)
    if is_loopback(listens) and host:
        return Screen(
            missing="its VNC server listens on the loopback address of its host, where no other "
            "machine gets to: set vnc_listen in the host's qemu.conf, or listen in the domain"
        )
    place = (host or _THIS_MACHINE) if _everywhere(listens) else listens
    return _checked(Screen(place, port, password))


def _on_socket(path: str, host: str, password: str) -> Screen:
    if host:
        return Screen(missing="its VNC server is on a unix socket of another machine")
    return _checked(Screen(f"unix:{path}", 0, password))


def _checked(screen: Screen) -> Screen:
    """Return the screen if a proxy could dial it, and its fault otherwise."""
    try:
        choose_target(
            host=screen.host,
            port=screen.port,
            tunnel_url="",
            tunnel_session="",
            websocket_url="",
            hyperv_host="",
        )
    except HypervisorUnreachable as error:
        return Screen(missing=str(error))
    return screen


def _socket(graphics: Element) -> str | None:
    """Return the path of the unix socket that it listens on; ``None`` where it has none."""
    for listen in graphics.findall("listen"):
        if listen.get("type") == "socket":
            return listen.get("socket") or graphics.get("socket", "")
    return graphics.get("socket")


def _port(graphics: Element) -> int:
    """Return the TCP port; 0 for none: an autoport of a domain that is off is -1."""
    if any(listen.get("type") == "none" for listen in graphics.findall("listen")):
        return 0
    text = graphics.get("port", "")
    port = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return port if port < 65536 else 0


def _address(graphics: Element) -> str:
    """Return where it listens, which for a network is known once it runs; empty: everywhere."""
    for listen in graphics.findall("listen"):
        if listen.get("type") in ("address", "network"):
            return listen.get("address", "")
    return graphics.get("listen", "")


def _everywhere(listens: str) -> bool:
    try:
        return ip_address(listens).is_unspecified
    except ValueError:
        return not listens


def _expired(valid_to: str, now: datetime.datetime) -> str:
    """Return the time until which the password was valid; empty: it is, or nothing is said."""
    try:
        moment = datetime.datetime.fromisoformat(valid_to)
    except ValueError:
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return valid_to if moment <= now else ""
