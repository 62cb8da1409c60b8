"""The gate that each session passes once: is this token's console still allowed?"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from consoleproxy.endpoint.ticket import ticket_valid
from consoleproxy.management.channel import AuthenticationAnswer, AuthenticationRequest
from consoleproxy.management.inventory import Inventory
from consoleproxy.management.store_thread import StoreThread


@dataclass(frozen=True, slots=True)
class Gate:
    """Answers the CPVMs' authentication requests.

    Args:
        hash_key: ``security.hash.key``, for tickets.
        reconnection_window: seconds, ``consoleproxy.session.reconnection.window``.
        ticket_minutes: for how many minutes a console link that nobody has used is good.
        clock: seconds since 1970.
    """

    inventory: Inventory
    database: StoreThread
    hash_key: str = field(repr=False)
    reconnection_window: float
    ticket_minutes: int
    clock: Callable[[], float]

    async def decide(self, request: AuthenticationRequest) -> AuthenticationAnswer:
        """Allow a session and mark it as used, or say why not.

        All else is checked first, so only a console that opens uses its token up.
        """
        now = self.clock()
        fault = self._machine_fault(request)
        if fault:
            return AuthenticationAnswer(False, fault)
        if request.reconnecting:
            since = now - self.reconnection_window
            reopened = await self.database.run(
                lambda store: store.take_back(
                    request.session_uuid, request.vm_uuid, request.proxy, since
                )
            )
            return AuthenticationAnswer(
                reopened, "" if reopened else "this proxy had no such session a moment ago"
            )
        if not self._ticket_valid(request, now):
            return AuthenticationAnswer(False, "the ticket has expired or was modified")
        acquired = await self.database.run(
            lambda store: store.acquire(
                request.session_uuid, request.vm_uuid, request.proxy, request.client_address, now
            )
        )
        return AuthenticationAnswer(
            acquired, "" if acquired else "no such session, or its token was used before"
        )

    def _machine_fault(self, request: AuthenticationRequest) -> str:
        machine = self.inventory.find(request.vm_uuid)
        if machine is None:
            return f"there is no VM {request.vm_uuid}"
        if not hmac.compare_digest(machine.password.encode(), request.password.encode()):
            return "the VM's VNC password is another one by now"
        return ""

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
