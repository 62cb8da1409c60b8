"""The life of one session: one use of one token, from admission to end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.errors import ConsoleRefused


class Stream(Protocol):
    """What a session asks of the relay that carries it."""

    @property
    def bytes_down(self) -> int:
        """Bytes from the hypervisor to the browser."""

    @property
    def bytes_up(self) -> int:
        """Bytes from the browser to the hypervisor."""

    @property
    def last_activity(self) -> float:
        """Monotonic seconds of the last byte in either direction."""

    def end(self, code: int, reason: str) -> None:
        """Close towards the browser with this close code and reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a session's timeline; ``at`` is seconds since its start."""

    name: str
    at: float
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.name}{detail} {self.at * 1000:.0f} ms"


@dataclass(slots=True)
class Timeline:
    """Steps of one attempt in the order in which they happened."""

    started: float
    steps: list[Step] = field(default_factory=list)

    def add(self, name: str, now: float, detail: str = "") -> None:
        """Note that a step was done at ``now`` (monotonic seconds)."""
        self.steps.append(Step(name, now - self.started, detail))

    def __str__(self) -> str:
        return ", ".join(str(step) for step in self.steps)


@dataclass(slots=True, kw_only=True)
class Session:
    """One live use of a token.

    ``number`` counts sessions of this process (CloudStack's ``id``); ``created_epoch`` is seconds
    since 1970; ``created`` and ``last_activity`` are monotonic, and so is ``began``, when its token
    was first used: before ``created`` if it has come back. Only an ``authenticated`` session is
    reported as open to the management server; one that was ``asked`` for may be open in its books,
    and has to be reported as removed. One that is ``known`` was allowed by it, now or before it
    came back. ``return_until`` is the end of the window in which it came back, if it did.
    ``end_login`` ends its work while it has no stream.
    ``named_ends``: its viewer is told the key of a reason, too.
    """

    number: int
    uuid: str
    vm_uuid: str
    host: str
    port: int
    client_address: str
    created: float
    began: float
    created_epoch: float
    password: str = field(repr=False)
    end_login: Callable[[ConsoleRefused], None] = field(repr=False)
    return_until: float | None = None
    asked: bool = False
    known: bool = False
    authenticated: bool = False
    opened: bool = False
    named_ends: bool = False
    stream: Stream | None = field(default=None, repr=False)
    ending: ConsoleRefused | None = None
    last_seen: float = 0.0
    past_down: int = 0
    past_up: int = 0

    @property
    def last_activity(self) -> float:
        """Monotonic seconds of the last byte either way; creation before the first."""
        if self.stream is not None:
            return self.stream.last_activity
        return self.last_seen or self.created

    @property
    def bytes_down(self) -> int:
        """Bytes from the hypervisor to the browser, through all streams."""
        return self.past_down + (self.stream.bytes_down if self.stream else 0)

    @property
    def bytes_up(self) -> int:
        """Bytes from the browser to the hypervisor, through all streams."""
        return self.past_up + (self.stream.bytes_up if self.stream else 0)

    def last_used_epoch(self) -> float:
        """Seconds since 1970 of the last activity."""
        return self.created_epoch + (self.last_activity - self.created)

    def carry(self, stream: Stream, *, named_ends: bool = False) -> None:
        """Note that the console is open, what carries it, and how its viewer is told the end."""
        self.stream = stream
        self.named_ends = named_ends
        self.opened = True

    def pause(self) -> None:
        """Note that nothing carries it: the hypervisor's side dropped."""
        if self.stream is not None:
            self.last_seen = self.stream.last_activity
            self.past_down, self.past_up = self.bytes_down, self.bytes_up
            self.stream = None

    def hear(self, bytes_down: int, bytes_up: int, last_activity: float) -> None:
        """Take over what the process says that carries it: so far each way, and when last."""
        self.past_down, self.past_up, self.last_seen = bytes_down, bytes_up, last_activity

    def end(self, refusal: ConsoleRefused) -> None:
        """End the session with a reason that its viewer is told; later reasons do not count."""
        if self.ending is not None:
            return
        self.ending = refusal
        if self.stream is not None:
            self.stream.end(refusal.close_code, refusal.told(named=self.named_ends))
        else:
            self.end_login(refusal)
