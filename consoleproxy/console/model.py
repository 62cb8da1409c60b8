"""What a console needs from above: the upgraded connection, limits, and who says yes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.console.guest import Reach
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.errors import ConsoleRefused
from consoleproxy.session.registry import Registry
from consoleproxy.wire import Socket


class Authenticator(Protocol):
    """Says whether the cloud allows a session; the management server's client is one."""

    async def authenticate(
        self, endpoint: ConsoleEndpoint, client_address: str, *, reconnecting: bool = False
    ) -> ConsoleEndpoint:
        """Return the endpoint as it is by now, if the session may be opened.

        Its VM may have moved since the token was made, and the cloud may know its instance name.

        Args:
            reconnecting: the session was open a moment ago and comes back.

        Raises:
            AuthenticationRefused: the management server says no.
            ManagementUnavailable: it did not answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A websocket opening handshake that Tornado has read, and the socket that it came on.

    ``early`` holds what the browser sent behind its request; ``local_port`` is ours.
    ``refusal`` is why it is not to become a console, which its viewer is told.
    """

    socket: Socket
    headers: Mapping[str, str]
    early: bytes = field(repr=False)
    raw_query: str = field(repr=False)
    client_address: str
    local_port: int
    refusal: ConsoleRefused | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the viewer's login, and of idleness allowed."""

    login: float
    idle: float


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """What all consoles of a process share.

    ``codec`` and ``rules`` may be exchanged, and count for sessions from then on. ``authenticator``
    is ``None`` where no management server is asked. ``changed`` is called when a session began or
    ended.
    """

    registry: Registry
    authenticator: Authenticator | None
    reach: Reach
    limits: Limits
    changed: Callable[[], None]
    codec: TokenCodec
    rules: AccessRules
