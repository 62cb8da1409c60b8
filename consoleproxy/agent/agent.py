"""The agent: linked to one of its management servers, or on its way to the next.

To the rest of the proxy it is what says yes or no to a session, and what takes load reports.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from consoleproxy.agent import statements
from consoleproxy.agent.allowed import AllowedSessions
from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.connection import Connection
from consoleproxy.agent.delivery import Delivery
from consoleproxy.agent.duties import Duties, Orders, ProxyInCharge
from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.identity import Identity
from consoleproxy.agent.linked import Introduction, Linked
from consoleproxy.agent.payload import Entry
from consoleproxy.agent.requests import ManagementServers, Ready, Shutdown
from consoleproxy.agent.route import Route
from consoleproxy.agent.state import AgentState, StateFile
from consoleproxy.agent.statements import Authentication, Verdict
from consoleproxy.endpoint.cloudstack import UNNAMED
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import (
    AgentLinkBroken,
    AuthenticationRefused,
    ManagementUnavailable,
    SettingsInvalid,
)
from consoleproxy.session.load import Load

_log = logging.getLogger(__name__)

# CloudStack's limit of an authentication; a load report has as long.
_ANSWER_SECONDS = 10.0
_FAREWELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """Args:
    servers: boot argument ``host``.
    port: of the management servers' agent listener.
    back_off: seconds between two attempts to connect; up to half as many are added.
    way: sees to a route before a management server is dialled.
    """

    identity: Identity
    servers: HostList
    port: int = 8250
    back_off: float = 5.0
    way: Callable[[str], Awaitable[None]] | None = None


class Agent:
    """One agent; ``run`` is its life."""

    def __init__(
        self,
        config: AgentConfig,
        certificates: AgentCertificates,
        file: StateFile,
    ) -> None:
        self._config = config
        self._certificates = certificates
        self._file = file
        self._known: AgentState = file.load()
        self._route = Route(config.servers, self._known.servers, config.port)
        self._link: Linked | None = None
        self._dismissed = False
        self._delivery = Delivery(self._send_report)
        self._allowed = AllowedSessions()

    async def run(self, proxy: ProxyInCharge) -> None:
        """Be linked, until the management server does not want this agent any more."""
        duties = Duties(proxy, self._certificates, self._orders())
        while not self._dismissed:
            host = self._route.next()
            try:
                await self._be_linked(host, duties)
                continue
            except (AgentLinkBroken, ManagementUnavailable, SettingsInvalid, OSError) as error:
                _log.warning("management server %s: %s", host, str(error) or type(error).__name__)
            except Exception:
                # Without an agent, no console could be opened until somebody looks.
                _log.exception("management server %s", host)
            self._route.failed()
            if not self._dismissed:
                # The spread keeps all agents of a server that restarts from coming at once.
                await asyncio.sleep(self._config.back_off * (1 + random.random() / 2))  # noqa: S311

    async def authenticate(
        self, endpoint: ConsoleEndpoint, client_address: str, *, reconnecting: bool = False
    ) -> ConsoleEndpoint:
        """See ``console.admission.Authenticator``."""
        named = not endpoint.session_uuid.startswith(UNNAMED)
        question = Authentication(
            host=endpoint.host,
            port=str(endpoint.port),
            vm_uuid=endpoint.vm_uuid,
            password=endpoint.password,
            ticket=endpoint.ticket,
            session_uuid=endpoint.session_uuid if named else "",
            client_address=client_address,
            reauthenticating=reconnecting,
        )
        # Servers that name no sessions announce none, and others do not take one without a name.
        if named and not reconnecting and endpoint.session_uuid not in self._allowed:
            raise AuthenticationRefused("the management server has announced no such session")
        answer = await self._ask(statements.authentication(question))
        self._allowed.use(endpoint.session_uuid)
        try:
            verdict = Verdict.of(answer)
        except AgentLinkBroken as error:
            raise ManagementUnavailable(str(error)) from error
        if not verdict.allowed:
            raise AuthenticationRefused("the management server refused the session")
        return _moved(endpoint, verdict) if reconnecting else endpoint

    async def report(self, load: Load) -> frozenset[str]:
        """See ``session.load.LoadSink``."""
        return await self._delivery.report(load.document)

    async def say_goodbye(self) -> None:
        """Tell the management server that this agent is being stopped, and let it hang up."""
        link = self._link
        if link is None or not link.joined:
            return
        self._dismissed = True
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await link.tell(statements.farewell())
                # A server that has not read it yet may see the end of the link first.
                await link.over()
        except OSError as error:
            _log.debug("no goodbye: %s", error)

    async def _be_linked(self, host: str, duties: Duties) -> None:
        trust = await asyncio.to_thread(self._certificates.trust)
        if self._config.way is not None:
            await self._config.way(host)
        connection = await Connection.open(host, self._config.port, trust)
        link = Linked(
            connection,
            self._known.host_id,
            Introduction(self._startup, self._route.avoid),
            duties.perform,
        )
        self._link = link
        _log.info("linked to management server %s", host)
        loop = asyncio.get_running_loop()
        living = loop.create_task(link.run(), name=f"agent: linked to {host}")
        moving = loop.create_task(self._moved_on(link), name="agent: route")
        try:
            done, _ = await asyncio.wait({living, moving}, return_when="FIRST_COMPLETED")
            if living in done:
                await living
            _log.info("leaving management server %s", host)
        finally:
            self._link = None
            for task in (living, moving):
                task.cancel()
            await asyncio.wait({living, moving})
            await connection.close()

    async def _moved_on(self, link: Linked) -> None:
        await self._route.moved_on()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await link.quiet()
        except TimeoutError:
            _log.info("the management server's last answers are not waited for")

    def _orders(self) -> Orders:
        return Orders(
            allow=self._allowed.add,
            ready=self._ready,
            servers=self._servers,
            migrate=self._migrate,
            leave=self._leave,
        )

    def _startup(self, host_id: int) -> Entry:
        config, route = self._config, self._route
        return statements.startup(
            config.identity, host_id, str(route.servers), transferred=route.transferred
        )

    async def _ready(self, ready: Ready) -> None:
        self._route.arrived()
        if self._link is not None and ready.host_id > 0:
            self._link.host_id = ready.host_id
            _log.info("up as host %d", ready.host_id)
        try:
            self._route.told(ready.servers)
        except ValueError as error:
            # The agent is up all the same.
            _log.error("the management server's list is not taken over: %s", error)
        await self._remember(ready.host_id if ready.host_id > 0 else self._known.host_id)

    async def _servers(self, servers: ManagementServers) -> None:
        self._route.told(servers)
        await self._remember(self._known.host_id)

    async def _migrate(self, servers: ManagementServers) -> None:
        self._route.migrate(servers)
        await self._remember(self._known.host_id)

    async def _leave(self, order: Shutdown) -> None:
        _log.warning("the management server does not want this agent any more: %s", order.reason)
        self._dismissed = True
        self._route.leave()
        if order.remove_host:
            await self._remember(0)

    async def _remember(self, host_id: int) -> None:
        known = AgentState(host_id, self._route.listed)
        if known == self._known:
            return
        self._known = known
        try:
            await asyncio.to_thread(self._file.save, known)
        except OSError as error:
            _log.error("number and servers are not remembered over a restart: %s", error)

    async def _send_report(self, document: str) -> bool:
        answer = await self._ask(statements.load(self._config.identity.proxy_vm_id, document))
        return answer.fields.get("result") is True

    async def _ask(self, entry: Entry) -> Entry:
        if self._link is None or not self._link.joined:
            raise ManagementUnavailable("there is no link to a management server")
        return await self._link.ask(entry, _ANSWER_SECONDS)


def _moved(endpoint: ConsoleEndpoint, verdict: Verdict) -> ConsoleEndpoint:
    """Return the endpoint with where its screen is by now, as far as the server said so."""
    if verdict.tunnel_url:
        return replace(
            endpoint, tunnel_url=verdict.tunnel_url, tunnel_session=verdict.tunnel_session
        )
    if verdict.host and verdict.port:
        return replace(endpoint, host=verdict.host, port=verdict.port)
    return endpoint
