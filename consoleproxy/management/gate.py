"""The gate that each session passes once: is this token's console still allowed?"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from consoleproxy.endpoint.ticket import ticket_valid
from consoleproxy.management.channel.authentication import (
    AuthenticationAnswer,
    AuthenticationRequest,
    Whereabouts,
)
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.records.endings import cut_by_restart
from consoleproxy.management.records.sessions import acquire, take_back
from consoleproxy.management.storage.database import Database


@dataclass(frozen=True, slots=True)
class Gate:
    """Answers the CPVMs' authentication requests.

    Args:
        hash_key: ``security.hash.key``, for tickets.
        live: within which time a session may come back.
        ticket_minutes: for how many minutes a console link that nobody has used is good.
        clock: seconds since 1970.
    """

    inventory: Inventory
    database: Database
    hash_key: str = field(repr=False)
    live: Live
    ticket_minutes: int
    clock: Callable[[], float]

    async def decide(self, request: AuthenticationRequest) -> AuthenticationAnswer:
        """Allow a session and mark it as used, or say why not.

        All else is checked first, so only a console that opens uses its token up.
        """
        now = self.clock()
        machine = self.inventory.find(request.vm_uuid)
        if machine is None:
            return AuthenticationAnswer(reason=f"there is no VM {request.vm_uuid}")
        if not machine.has_console:
            return AuthenticationAnswer(reason=f"the VM is {machine.state}", running=False)
        if not hmac.compare_digest(machine.password.encode(), request.password.encode()):
            return AuthenticationAnswer(reason="the VM's VNC password is another one by now")
        if request.reconnecting:
            since = now - self.live.now.reconnection_window
            reopened = await self.database.run(
                lambda db: take_back(
                    db, request.session_uuid, request.vm_uuid, request.proxy, since
                )
            )
            if reopened:
                return AuthenticationAnswer(whereabouts=_whereabouts(machine))
            return AuthenticationAnswer(reason="this proxy had no such session a moment ago")
        reason = "the ticket has expired or was modified"
        if self._ticket_valid(request, now):
            if await self._acquire(request, now):
                return AuthenticationAnswer(whereabouts=_whereabouts(machine))
            reason = "no such session, or its token was used before"
        if await self._take_back_after_restart(request, now):
            return AuthenticationAnswer(whereabouts=_whereabouts(machine))
        return AuthenticationAnswer(reason=reason)

    async def _acquire(self, request: AuthenticationRequest, now: float) -> bool:
        return await self.database.run(
            lambda db: acquire(
                db,
                request.session_uuid,
                request.vm_uuid,
                request.proxy,
                request.client_address,
                now,
            )
        )

    async def _take_back_after_restart(self, request: AuthenticationRequest, now: float) -> bool:
        """Reopen a session of a CPVM that died and, started anew, cannot know it."""
        since = now - self.live.now.reconnection_window

        def work(db: Connection) -> bool:
            created = cut_by_restart(
                db, request.session_uuid, request.proxy, request.client_address, since
            )
            return (
                created is not None
                # It was good when the link was made.
                and self._ticket_valid(request, created)
                and take_back(db, request.session_uuid, request.vm_uuid, request.proxy, since)
            )

        return await self.database.run(work)

    def _ticket_valid(self, request: AuthenticationRequest, now: float) -> bool:
        return bool(request.ticket) and ticket_valid(
            request.ticket,
            request.host,
            request.port,
            request.password,
            request.vm_uuid,
            request.session_uuid,
            self.hash_key,
            now,
            self.ticket_minutes,
        )


def _whereabouts(machine: VirtualMachine) -> Whereabouts:
    return Whereabouts(
        host=machine.host,
        port=machine.port,
        tunnel_url=machine.tunnel_url,
        tunnel_session=machine.tunnel_session,
        websocket_url=machine.websocket_url,
        username=machine.username,
        instance_name=machine.instance_name,
    )
