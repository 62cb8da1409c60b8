"""Console endpoints: session row, token and URL for one VM and one user."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.ticket import gen_ticket
from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import Caller
from consoleproxy.management.channel.documents import ProxyDescription
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.assignment import choose_proxy
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.records.assignment import (
    candidates,
    description_of,
    holders,
    lock_assignment,
)
from consoleproxy.management.records.sessions import ConsoleSession, add_session
from consoleproxy.management.storage.database import Database
from consoleproxy.names.console_url import console_url

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleRequest:
    """Who wants the console of which VM.

    Args:
        extra: extra security token; empty for none.
        source_address: of the caller; the browser is held to it where
            ``novnc.console.sourceip.check.enabled`` is on.
    """

    vm_uuid: str
    caller: Caller
    source_address: str
    extra: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class IssuedConsole:
    """A console endpoint as CloudStack's API gives it."""

    url: str = field(repr=False)
    proxy: ProxyDescription
    token: str = field(repr=False)
    extra: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A session that has been given to a CPVM and stored, or none for want of capacity.

    Args:
        running: CPVMs that were connected.
        held: whether it went where its VM has a session.
    """

    session: ConsoleSession | None
    proxy: ProxyDescription | None
    running: int
    held: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """Makes console endpoints.

    Args:
        hash_key: ``security.hash.key``, for tickets.
        live: whether an extra security value is required, the order of assignment, the viewer.
        link_seconds: for how long a console link that nobody has used is good.
        clock: seconds since 1970.
    """

    inventory: Inventory
    database: Database
    codec: TokenCodec
    hash_key: str = field(repr=False)
    live: Live
    link_seconds: float
    alarm: CapacityAlarm
    clock: Callable[[], float]

    async def issue(self, request: ConsoleRequest) -> IssuedConsole:
        """Make a console endpoint whose URL works once, within a minute or two.

        Raises:
            ManagementRequestRefused: 530 with what stands in the way.
        """
        machine = self._machine(request.vm_uuid)
        if self.live.now.extra_required and not request.extra:
            raise ManagementRequestRefused(
                530,
                "consoleproxy.extra.security.validation.enabled is true, so every console needs "
                "an extra security value: send one as the parameter token",
            )
        assignment = await self._assign(machine, request)
        session, proxy = assignment.session, assignment.proxy
        if session is None or proxy is None:
            raise self._no_capacity(assignment.running)
        if not assignment.held:
            self.alarm.room()
        _log.info(
            "console of %s for %s at %s goes to %s",
            machine.name,
            request.caller.account,
            request.source_address,
            session.proxy,
            extra={"session": session.uuid},
        )
        token = self.codec.encode(self._endpoint(machine, session, request.extra))
        url = console_url(
            proxy.host,
            proxy.port,
            proxy.tls,
            token,
            request.extra,
            show_dot=self.live.now.show_dot,
        )
        return IssuedConsole(url, proxy, token, request.extra)

    async def _assign(self, machine: VirtualMachine, request: ConsoleRequest) -> Assignment:
        now = self.clock()
        order = self.live.now.assignment_order
        session_uuid = str(uuid.uuid4())

        def work(db: Connection) -> Assignment:
            # Whoever reads the loads next sees this session in them.
            lock_assignment(db)
            fleet = candidates(db, now, self.link_seconds)
            having = holders(db, machine.uuid, now, self.link_seconds)
            chosen = choose_proxy(fleet, having, order)
            running = sum(candidate.running for candidate in fleet)
            if chosen is None:
                return Assignment(None, None, running, held=False)
            session = ConsoleSession(
                uuid=session_uuid,
                created=now,
                account=request.caller.account,
                vm_uuid=machine.uuid,
                proxy=chosen.name,
                creator_address=request.source_address,
                domain_uuid=request.caller.domain_uuid,
                account_uuid=request.caller.account_uuid,
                user_uuid=request.caller.user_uuid,
            )
            add_session(db, session)
            proxy = description_of(db, chosen.name)
            return Assignment(session, proxy, running, held=chosen.name in having)

        return await self.database.run(work)

    def _no_capacity(self, running: int) -> ManagementRequestRefused:
        self.alarm.refused(running)
        cause = (
            "no console proxy has capacity for another session"
            if running
            else "no console proxy has capacity, as no console proxy is connected"
        )
        return ManagementRequestRefused(
            530,
            f"Console access will be ready in a few minutes: {cause}. Please try it again later.",
        )

    def _machine(self, vm_uuid: str) -> VirtualMachine:
        machine = self.inventory.find(vm_uuid)
        if machine is None:
            raise ManagementRequestRefused(530, f"Cannot find VM with ID {vm_uuid}")
        if not machine.has_console:
            raise ManagementRequestRefused(
                530, f"VM {machine.name} must be running to connect console; it is {machine.state}"
            )
        if machine.no_screen:
            raise ManagementRequestRefused(
                530, f"VM {machine.name} has no console: {machine.no_screen}"
            )
        if machine.hypervisor == "LXC":
            raise ManagementRequestRefused(530, "Console access is not supported for LXC")
        return machine

    def _endpoint(
        self, machine: VirtualMachine, session: ConsoleSession, extra: str
    ) -> ConsoleEndpoint:
        return ConsoleEndpoint(
            session_uuid=session.uuid,
            vm_uuid=machine.uuid,
            display_name=machine.name,
            host=machine.host,
            port=machine.port,
            password=machine.password,
            username=machine.username,
            tunnel_url=machine.tunnel_url,
            tunnel_session=machine.tunnel_session,
            websocket_url=machine.websocket_url,
            ticket=gen_ticket(
                machine.host,
                machine.port,
                machine.password,
                machine.uuid,
                session.uuid,
                self.hash_key,
                int(session.created // 60),
            ),
            source_ip=session.creator_address,
            extra=extra,
        )
