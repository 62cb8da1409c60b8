"""What a console needs from above: the upgraded connection, limits, and who says yes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.console.guest import Reach
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import ConsoleRefused
from consoleproxy.session.ending import EndReason
from consoleproxy.session.returns import Claim
from consoleproxy.session.session import Session
from consoleproxy.wire import Socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A websocket opening handshake that Tornado has read, and the socket that it came on.

    ``early`` holds what the browser sent behind its request; ``local_port`` is ours.
    ``refusal`` is why it is not to become a console, which its viewer is told. ``tls``: the browser
    speaks it, here or at a load balancer.
    """

    socket: Socket
    headers: Mapping[str, str]
    early: bytes = field(repr=False)
    raw_query: str = field(repr=False)
    client_address: str
    local_port: int
    tls: bool = False
    refusal: ConsoleRefused | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A console that was taken in: its session, and what its token says.

    ``returning``: the session was open a moment ago, and comes back.
    """

    session: Session
    endpoint: ConsoleEndpoint
    returning: bool


class Admission(Protocol):
    """Who decides over consoles, and keeps the books: one for all processes of a CPVM."""

    async def admit(
        self,
        query: ConsoleQuery,
        claim: Claim,
        client_address: str,
        end_login: Callable[[ConsoleRefused], None],
    ) -> Admitted:
        """Take the session in that the claim shows the secret of, or the token opens.

        Args:
            end_login: ends the session's work while it has no stream.

        Raises:
            ConsoleRefused: a subclass says why; ``session_uuid`` is set if the token could be read.
        """

    async def tabs_known(self, tabs: frozenset[str]) -> frozenset[str]:
        """Return those of these tabs whose consoles are open or may come back.

        Args:
            tabs: as claims name them.
        """

    async def authenticate(self, admitted: Admitted, *, again: bool) -> ConsoleEndpoint:
        """Ask the cloud, and return the endpoint as it is by now: the VM may have moved.

        Args:
            again: the console was open, and its screen is looked for.

        Raises:
            AuthenticationRefused: the cloud says no.
            ManagementUnavailable: nobody said no; unless this is ``again``, the session has ended
                as if it had never begun, and its link may be tried again.
        """

    def confirm(self, session: Session) -> None:
        """Take note that the viewer has the secret that it was given."""

    def opened(self, session: Session) -> None:
        """Take note that the console is open; older ones of its VM may have to go."""

    def leave(self, session: Session, *, cut: bool, reason: EndReason) -> None:
        """Take note that the session has ended, and why; ``cut``: its viewer may come back."""

    def end_all(self, refusal: ConsoleRefused) -> None:
        """Take in nobody any more, and end every session of this process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the viewer's login, of idleness allowed, and for a lost screen to be found."""

    login: float
    idle: float
    reconnection_window: float


@dataclass(slots=True)
class Surroundings:
    """What all consoles of a process share.

    ``reach`` may be exchanged, and counts for what is dialled from then on; so may ``limits``, see
    ``Consoles.change``.
    """

    admission: Admission
    reach: Reach
    limits: Limits
