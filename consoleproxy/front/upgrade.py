"""``GET /websockify``: the opening handshake, handed over to the console with its socket."""

import base64
import binascii
import socket
import ssl

from tornado.iostream import IOStream

from consoleproxy.console.consoles import Consoles
from consoleproxy.console.model import Upgrade
from consoleproxy.errors import OriginRefused
from consoleproxy.front.base import PlainHandler
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.origin import origin_allowed
from consoleproxy.front.source import Outside, plain_address


class UpgradeHandler(PlainHandler):
    """Checks the opening handshake (RFC 6455 section 4.2.1); the console decides the rest."""

    def initialize(self, consoles: Consoles, entrance: Entrance) -> None:
        self._consoles = consoles
        self._entrance = entrance

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
        peer = plain_address(self.request.remote_ip or "")
        client_address = self._entrance.balancers.client_address(peer, headers)
        outside = self._entrance.balancers.outside(
            peer, headers, host=self.request.host, tls=self.request.protocol == "https"
        )
        refusal = self._wrong_origin(outside)
        stream = self.detach()
        if stream.closed():
            # The browser went away while its request was read.
            return
        sock, early = take_socket(stream)
        self._consoles.start(
            Upgrade(
                socket=sock,
                headers=headers,
                early=early,
                raw_query=query,
                client_address=client_address,
                local_port=sock.getsockname()[1],
                # A page that came by TLS opens no websocket without it, whatever a balancer tells.
                tls=outside.scheme == "https" or headers.get("Origin", "").startswith("https:"),
                refusal=refusal,
            )
        )

    def _wrong_origin(self, outside: Outside) -> OriginRefused | None:
        """Return why the page that opened this websocket may not; ``None`` if it may."""
        origin, entrance = self.request.headers.get("Origin"), self._entrance
        if origin_allowed(origin, outside, entrance.own_hosts, entrance.allowed_origins):
            return None
        return OriginRefused(
            f"the page is of {origin!r}, and this proxy is {outside.host!r} to its browser; "
            "consoleproxy.allowed.origins may name it"
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


def _tokens(header: str) -> set[str]:
    return {token.strip().lower() for token in header.split(",")}


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
