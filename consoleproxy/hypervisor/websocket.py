"""RFC 6455 as its client: VMware's ``wss://host/ticket/...``, or any VNC server in a websocket.

websockify's own client is not used: it resolves names and connects blockingly, prints, keeps whole
messages, and makes keys and masks with ``random``, which others can foresee.
"""

import base64
import hashlib
import hmac
import secrets

from consoleproxy.errors import HypervisorTunnelRefused
from consoleproxy.hypervisor.http_head import ResponseHead, exchange, request_head
from consoleproxy.hypervisor.target import WebSocketTarget
from consoleproxy.hypervisor.websocket_stream import WebSocketStream
from consoleproxy.wire import Wire

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BYTES_AS_TEXT = "uint8utf8"
_SUBPROTOCOLS = ("binary", _BYTES_AS_TEXT)


async def open_websocket(wire: Wire, target: WebSocketTarget) -> WebSocketStream:
    """Do the opening handshake on a connected wire, and return what to use in its place.

    The wire's socket then belongs to the stream; if this raises, it is still the wire's. There is
    no limit of time: the caller has one.

    Raises:
        HypervisorTunnelRefused: any status but 101 (redirections are not followed), an answer that
            RFC 6455 section 4.1 does not accept, or a path that would not stay inside its line.
        HypervisorNotRfb: the answer is not HTTP.
        HypervisorClosed: the connection ended or broke before the answer was complete.
    """
    key = base64.b64encode(secrets.token_bytes(16))
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key.decode(),
        "Sec-WebSocket-Protocol": ", ".join(_SUBPROTOCOLS),
        "Sec-WebSocket-Version": "13",
    }
    head, rest = await exchange(wire, request_head("GET", target, "1.1", headers), target)
    if head.status != 101:
        raise head.refusal(target, secret=target.path.rpartition("/")[2])
    try:
        subprotocol = _agreed(head, key)
    except ValueError as error:
        raise HypervisorTunnelRefused(f"{target} answered 101, but {error}") from None
    return WebSocketStream(wire.detach(), rest, text=subprotocol == _BYTES_AS_TEXT)


def _agreed(head: ResponseHead, key: bytes) -> str:
    """Return the subprotocol, ``""`` if the server names none.

    Raises:
        ValueError: the server did not accept this handshake.
    """
    headers = head.headers
    if headers.get("upgrade", "").lower() != "websocket":
        raise ValueError("does not upgrade to a websocket")
    if "upgrade" not in (
        token.strip() for token in headers.get("connection", "").lower().split(",")
    ):
        raise ValueError("does not upgrade this connection")
    expected = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    accepted = headers.get("sec-websocket-accept", "").encode()
    if not hmac.compare_digest(accepted, expected):
        raise ValueError("to another websocket's key")
    if headers.get("sec-websocket-extensions"):
        raise ValueError("with an extension that was not offered")
    subprotocol = headers.get("sec-websocket-protocol", "")
    if subprotocol and subprotocol not in _SUBPROTOCOLS:
        raise ValueError(f"with the subprotocol {subprotocol[:40]!r}, which was not offered")
    return subprotocol
