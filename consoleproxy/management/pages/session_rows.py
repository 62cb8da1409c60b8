"""Console sessions as the pages show them."""

from dataclasses import dataclass

from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.pages.wording import duration_text, machine_moment, moment_text
from consoleproxy.management.records.sessions import ConsoleSession


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is open or over."""

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
            lasted=duration_text(until - since) if session.acquired is not None else "",
        )
