"""Console sessions as the pages show them."""

from dataclasses import dataclass

from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.pages.wording import duration_text, machine_moment, moment_text
from consoleproxy.management.records.sessions import ConsoleSession
from consoleproxy.session.ending import EndReason

_REASONS = {
    EndReason.VIEWER_LEFT: "viewer closed",
    EndReason.VIEWER_LOST: "viewer's connection lost",
    EndReason.VIEWER_FAULT: "viewer at fault",
    EndReason.OPERATOR: "ended by an operator",
    EndReason.REPLACED: "replaced by a newer viewer",
    EndReason.IDLE: "idle",
    EndReason.GUEST_ENDED: "closed by the machine",
    EndReason.GUEST_LOST: "screen lost",
    EndReason.GUEST_UNREACHABLE: "screen not reached",
    EndReason.REFUSED: "refused",
    EndReason.PROXY_STOPPED: "proxy stopped",
    EndReason.PROXY_RESTARTED: "proxy restarted",
    EndReason.PROXY_DISCONNECTED: "proxy disconnected",
    EndReason.LOST: "process lost",
}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is open or over.

    Args:
        lasted: for how long it was or has been open; empty where its link was never used.
        ended: why it is over; empty while it is not.
    """

    uuid: str
    machine: str
    vm_uuid: str
    account: str
    client: str
    proxy: str
    live: bool
    since: str
    since_machine: str
    lasted: str
    ended: str

    @classmethod
    def of(cls, session: ConsoleSession, inventory: Inventory, now: float) -> "SessionRow":
        """Return what is shown; a VM that the inventory no longer has goes by its uuid."""
        machine = inventory.find(session.vm_uuid)
        since = session.created if session.acquired is None else session.acquired
        until = now if session.removed is None else session.removed
        return cls(
            uuid=session.uuid,
            machine=machine.name if machine else session.vm_uuid,
            vm_uuid=session.vm_uuid,
            account=session.account,
            client=session.client_address or "",
            proxy=session.proxy,
            live=session.live,
            since=moment_text(since),
            since_machine=machine_moment(since),
            ended=_reason(session),
            lasted=duration_text(until - since) if session.acquired is not None else "",
        )


def _reason(session: ConsoleSession) -> str:
    """Return why it is over, in words; a reason of a newer version as it is written."""
    if session.removed is None:
        return ""
    word = session.end_reason or ""
    return _REASONS[EndReason(word)] if word in _REASONS else word or "over"
