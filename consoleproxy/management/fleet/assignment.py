"""Which CPVM a console goes to: the decision alone, without I/O and without a clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consoleproxy.management.fleet.states import ProxyState


class Order(StrEnum):
    """Which CPVM comes first among those with room: ``consoleproxy.assignment.order``."""

    FULLEST = "fullest"
    EMPTIEST = "emptiest"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A CPVM as a decision sees it.

    Args:
        state: only a running one gets sessions.
        capacity: sessions that it takes, ``consoleproxy.session.max``.
        load: sessions that it has, and those that were given to it and may still come; more than
            its capacity where machines that it has were asked for again.
    """

    name: str
    state: ProxyState
    capacity: int
    load: int

    @property
    def running(self) -> bool:
        """Whether it may get sessions."""
        return self.state is ProxyState.RUNNING

    @property
    def free(self) -> int:
        """How many more sessions it may be given, 0 if it is overfull."""
        return max(0, self.capacity - self.load)


def choose_proxy(
    candidates: Iterable[Candidate], holders: Sequence[str], order: Order
) -> Candidate | None:
    """Return the CPVM for a VM's next console, or ``None`` if none has room.

    A running one that has the VM already gets it whatever its load: the new viewer takes the old
    one's place, or shares its screen. Else the first with room, in ``order``, then by name.

    One pass, no sorting: the time grows with the number of CPVMs only.

    Args:
        holders: names of the CPVMs where the VM has a session, the one to prefer first.
    """
    chosen: Candidate | None = None
    chosen_held: Candidate | None = None
    sign = 1 if order is Order.FULLEST else -1
    least = 0
    for candidate in candidates:
        if candidate.state is not ProxyState.RUNNING:
            continue
        name = candidate.name
        if name in holders and (
            chosen_held is None or holders.index(name) < holders.index(chosen_held.name)
        ):
            chosen_held = candidate
        free = candidate.capacity - candidate.load
        if free <= 0:
            continue
        rank = sign * free
        if chosen is None or rank < least or (rank == least and name < chosen.name):
            chosen, least = candidate, rank
    return chosen_held or chosen
