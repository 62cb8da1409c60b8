"""``GET /websockify``: the opening handshake, handed over to the console with its socket."""

import base64
import binascii
import ipaddress
import socket
import ssl

from tornado.iostream import IOStream

from consoleproxy.console.consoles import Consoles
from consoleproxy.console.model import Upgrade
from consoleproxy.front.base import PlainHandler


class UpgradeHandler(PlainHandler):
    """Checks the opening handshake (RFC 6455 section 4.2.1); the console decides the rest."""

    def initialize(self, consoles: Consoles) -> None:
        self._consoles = consoles

    def prepare(self) -> None:
        # No limit of the address here: a viewer can be told only through its websocket.
        return

    def get(self) -> None:
        headers = self.request.headers
        if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in _tokens(
            headers.get("Connection", "")
        ):
            self.set_header("Upgrade", "websocket")
            self.set_header("Connection", "Upgrade")
            self.refuse(
                426,
                "This address is for a console's websocket. Open the console from the cloud's "
                "page; a reverse proxy in front must pass Upgrade and Connection on.",
            )
            return
        if headers.get("Sec-WebSocket-Version") != "13":
            self.set_header("Sec-WebSocket-Version", "13")
            self.refuse(426, "Only version 13 of the websocket protocol is spoken here.")
            return
        if not _is_key(headers.get("Sec-WebSocket-Key", "")):
            self.refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64.")
            return
        query = self.request.query
        client_address = plain_address(self.request.remote_ip or "")
        sock, early = take_socket(self.detach())
        self._consoles.start(
            Upgrade(
                socket=sock,
                headers=headers,
                early=early,
                raw_query=query,
                client_address=client_address,
            )
        )


def take_socket(stream: IOStream) -> tuple[socket.socket | ssl.SSLSocket, bytes]:
    """Take the socket, and what was read ahead, out of a detached Tornado stream.

    Tornado has no public way for this: the loop's handler is removed, and the stream is left
    closed without its socket, so that it can neither read nor close it later.
    """
    stream.io_loop.remove_handler(stream.fileno())
    early = bytes(stream._read_buffer)  # noqa: SLF001
    sock: socket.socket | ssl.SSLSocket = stream.socket
    stream.socket = None  # type: ignore[assignment]
    stream._closed = True  # noqa: SLF001
    return sock, early


def plain_address(address: str) -> str:
    """Return an address as people write it: no zone, IPv4 for IPv4 in IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _tokens(header: str) -> set[str]:
    return {token.strip().lower() for token in header.split(",")}


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
