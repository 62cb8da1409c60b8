"""Sessions for tests of this package."""

from dataclasses import dataclass, field

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import ConsoleRefused
from consoleproxy.session.registry import Candidate, Registry, SecondViewer, SessionRules
from consoleproxy.session.returns import NO_CLAIM, Claim
from consoleproxy.session.session import Session


@dataclass
class FakeStream:
    """Notes how it was ended."""

    bytes_down: int = 0
    bytes_up: int = 0
    last_activity: float = 0.0
    ended: list[tuple[int, str]] = field(default_factory=list)

    def end(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))


def registry(
    *,
    maximum: int = 10,
    policy: SecondViewer = SecondViewer.REPLACE,
    window: float = 30.0,
) -> Registry:
    return Registry(SessionRules(maximum, policy, window))


def endpoint(uuid: str, *, vm: str = "vm-1", password: str = "secret") -> ConsoleEndpoint:
    return ConsoleEndpoint(
        session_uuid=uuid, vm_uuid=vm, host="10.1.1.20", port=5901, password=password
    )


def candidate(
    uuid: str,
    *,
    vm: str = "vm-1",
    password: str = "secret",
    client: str = "203.0.113.7",
    now: float = 100.0,
    claim: Claim = NO_CLAIM,
) -> Candidate:
    return Candidate(
        endpoint=endpoint(uuid, vm=vm, password=password),
        client_address=client,
        now=now,
        now_epoch=1_767_225_600.0 + now,
        claim=claim,
    )


def admitted(to: Registry, uuid: str, **more: object) -> Session:
    """Admit a session whose login has finished."""
    session = to.admit(candidate(uuid, **more), ignore)  # type: ignore[arg-type]
    session.asked = session.authenticated = True
    session.carry(FakeStream(last_activity=session.created))
    return session


def ignore(_: ConsoleRefused) -> None:
    """An ender for sessions whose login is not looked at."""
