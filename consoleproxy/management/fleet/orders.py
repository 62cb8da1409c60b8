"""What an operator orders of a CPVM, by the API and on the pages: maintenance, and its removal."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.records.assignment import lock_assignment
from consoleproxy.management.records.proxies import (
    ProxyRecord,
    destroy,
    proxy_named,
    set_maintenance,
)
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProxyOrders:
    """Each counts at all management servers from the next assignment on.

    Args:
        clock: seconds since 1970.
    """

    database: Database
    clock: Callable[[], float]

    async def maintain(self, name: str, who: str, *, begin: bool) -> ProxyRecord:
        """Give a CPVM no new sessions, or again some; return it as it is then.

        Args:
            who: wants it, for the log.

        Raises:
            ManagementRequestRefused: 431, there is no such CPVM; 530, the database does not answer.
        """
        since = self.clock() if begin else None

        def work(db: Connection) -> ProxyRecord:
            # Whoever assigns next sees it.
            lock_assignment(db)
            _known(db, name)
            set_maintenance(db, name, since)
            return _known(db, name)

        proxy = await self.database.run(work)
        verb = "begins" if begin else "ends"
        _log.info("maintenance of console proxy %s %s, by %s", name, verb, who)
        return proxy

    async def destroy(self, name: str, who: str) -> ProxyRecord:
        """Take a Disconnected CPVM out of the books; return it as it was.

        Raises:
            ManagementRequestRefused: as ``maintain``, or 431, it is not Disconnected.
        """
        now = self.clock()

        def work(db: Connection) -> ProxyRecord:
            lock_assignment(db)
            proxy = _known(db, name)
            if proxy.state(now) is not ProxyState.DISCONNECTED:
                raise ManagementRequestRefused(
                    431, f"System VM {name} is running: stop it, and wait until it is Disconnected"
                )
            destroy(db, name, now)
            return proxy

        proxy = await self.database.run(work)
        _log.info("%s took console proxy %s out of the books", who, name)
        return proxy


def _known(db: Connection, name: str) -> ProxyRecord:
    proxy = proxy_named(db, name)
    if proxy is None:
        raise ManagementRequestRefused(
            431, f"Invalid parameter id value={name}: there is no such console proxy"
        )
    return proxy
