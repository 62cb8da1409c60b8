"""The simulated proxies: what is really open, whatever the books say."""

from dataclasses import dataclass, field
from enum import Enum, auto

from benchmarks.fleet.books import Link
from benchmarks.fleet.visits import Visit


class Life(Enum):
    """What a proxy does."""

    SERVING = auto()
    DRAINING = auto()
    GONE = auto()


@dataclass(slots=True, eq=False)
class Session:
    """An open console.

    Args:
        number: which of the visit's uses it is.
        until: when its user leaves.
        over: it has ended; ``cut``: by the end of its proxy.
        successor: its user's newer viewer of the same VM, which took its place.
    """

    link: Link
    visit: Visit
    number: int
    until: float
    over: bool = False
    cut: bool = False
    successor: "Session | None" = None


@dataclass(slots=True, eq=False)
class Proxy:
    """One proxy.

    Args:
        phase: when, within a load interval, it reports.
        generation: counts its starts, so that what was noted for an earlier life does not happen.
        started: when it last did.
        ended: uuids of sessions that ended since its last report.
        report_due: whether its next report is noted already.
    """

    number: int
    phase: float
    life: Life = Life.GONE
    generation: int = 0
    started: float = 0.0
    sessions: dict[str, Session] = field(default_factory=dict)
    of_machine: dict[int, Session] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    report_due: bool = False

    def start(self, now: float) -> None:
        """Serve, without any session."""
        self.life = Life.SERVING
        self.generation += 1
        self.started = now

    def open(self, session: Session) -> Session | None:
        """Take a session in; return the one of the same VM whose place it takes."""
        replaced = self.of_machine.get(session.link.machine)
        if replaced is not None:
            self.close(replaced)
        self.sessions[session.link.uuid] = session
        self.of_machine[session.link.machine] = session
        return replaced

    def close(self, session: Session) -> None:
        """Let go of a session, and have it in the next report."""
        session.over = True
        del self.sessions[session.link.uuid]
        del self.of_machine[session.link.machine]
        self.ended.append(session.link.uuid)

    def stop(self) -> list[Session]:
        """Be gone at once; return the sessions that this cuts."""
        cut = list(self.sessions.values())
        for session in cut:
            self.close(session)
            session.cut = True
        self.ended = []
        self.life = Life.GONE
        self.report_due = False
        return cut

    def next_report(self, now: float, interval: float) -> float:
        """Return when it reports next."""
        passed = (now - self.phase) // interval
        return self.phase + (passed + 1) * interval

    def last_heard(self, now: float, interval: float) -> float:
        """Return when it last reported, or registered."""
        return max(self.started, self.next_report(now, interval) - interval)
