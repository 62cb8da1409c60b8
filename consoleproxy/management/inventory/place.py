"""Where a machine's screen is: one of the ways that a ``[[vm]]`` table can say it."""

from dataclasses import dataclass, field
from ipaddress import ip_address

from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.target import TcpTarget, UnixTarget, choose_target
from consoleproxy.management.inventory.table import TableReader
from consoleproxy.names.console_host import is_host_name

_TUNNEL = ("tunnel_url", "tunnel_session")
_WAYS = (("address",), ("host", "port"), _TUNNEL, ("websocket_url",))
PLACE_KEYS = tuple(key for way in _WAYS for key in way)

# What CloudStack gives as the port of a XenServer's console.
_TUNNEL_PORT = -1


@dataclass(frozen=True, slots=True)
class Place:
    """The fields of a machine that say where its screen is; see ``VirtualMachine``."""

    host: str = ""
    port: int = 0
    tunnel_url: str = ""
    tunnel_session: str = field(default="", repr=False)
    websocket_url: str = field(default="", repr=False)


def read_place(table: TableReader) -> Place:
    """Return the place; what is wrong with it is noted as faults of the table."""
    ways = [way for way in _WAYS if table.given(way)]
    if not ways:
        table.fault(
            'no way to the screen is given: write address = "host:port" or "unix:/path", '
            "tunnel_url and tunnel_session, or websocket_url"
        )
        return Place()
    if len(ways) > 1:
        keys = " and ".join(table.given(PLACE_KEYS))
        table.fault(f"{keys} are given together: keep one way to the screen")
        return Place()
    match ways[0]:
        case ("address",):
            return _address(table)
        case ("host", "port"):
            host = _host(table, table.text("host", 'or write address = "host:port"'))
            return Place(host, _port(table, table.value("port")))
        case ("websocket_url",):
            url = table.text("websocket_url", 'write "wss://host/ticket/…"')
            return _reached(table, Place(websocket_url=url)) if url else Place()
    url = table.text("tunnel_url", 'write "https://host/console?uuid=…"')
    session = table.text("tunnel_session", "write the session's reference")
    return _reached(table, Place("", _TUNNEL_PORT, url, session)) if url and session else Place()


def _address(table: TableReader) -> Place:
    address = table.text("address", 'write address = "host:port"')
    if not address:
        return Place()
    if address.startswith("unix:"):
        return _reached(table, Place(address))
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        table.fault(f"address {address!r} is not host:port, [IPv6 address]:port or unix:/path")
        return Place()
    number = int(port) if port.isascii() and port.isdigit() else None
    return Place(_host(table, host), _port(table, number))


def _host(table: TableReader, text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    try:
        return str(ip_address(host))
    except ValueError:
        if text and not is_host_name(text):
            table.fault(f"{text!r} is neither a host name nor an address of the hypervisor")
    return host


def _port(table: TableReader, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    table.fault("the VNC port must be a number from 1 to 65535; display 1 is port 5901")
    return 0


def _reached(table: TableReader, place: Place) -> Place:
    """Return the place with the host and port that a proxy would find there."""
    try:
        target = choose_target(
            host=place.host,
            port=place.port,
            tunnel_url=place.tunnel_url,
            tunnel_session=place.tunnel_session,
            websocket_url=place.websocket_url,
            hyperv_host="",
        )
    except HypervisorUnreachable as error:
        table.fault(str(error))
        return Place()
    if isinstance(target, TcpTarget | UnixTarget):
        return place
    port = place.port or target.port
    return Place(target.host, port, place.tunnel_url, place.tunnel_session, place.websocket_url)
