"""What each kind of login says, once it is chosen (RFC 6143 7.2)."""

from collections.abc import Callable
from typing import TypeAlias

from consoleproxy.rfb.challenge import CHALLENGE_BYTES, respond
from consoleproxy.rfb.policy import Credentials, SecurityKind
from consoleproxy.rfb.reader import Read, Reader

Send: TypeAlias = Callable[[bytes], None]


def authenticate(
    kind: SecurityKind, credentials: Credentials, reader: Reader, send: Send
) -> Read[None]:
    """Do what the kind asks for, up to where SecurityResult is due; messages go to ``send``."""
    if kind.needs_username:
        username, password = _utf8(credentials.username), _utf8(credentials.password)
        send(len(username).to_bytes(4, "big") + len(password).to_bytes(4, "big"))
        send(username + password)
    elif kind.needs_password:
        challenge = yield from reader.exact(CHALLENGE_BYTES)
        send(respond(credentials.password, challenge))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
