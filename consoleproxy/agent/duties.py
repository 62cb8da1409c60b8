"""What an agent does for the management server, and what it answers."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from consoleproxy.agent import answers
from consoleproxy.agent.answers import Repeated
from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.payload import Entry
from consoleproxy.agent.requests import (
    AllowConsoleAccess,
    CheckHealth,
    CheckLoad,
    Maintain,
    ManagementServers,
    MigrateConnection,
    Ready,
    Request,
    SetupCertificate,
    SetupKeyStore,
    SetupServers,
    Shutdown,
    StartConsoleProxy,
    Unreadable,
    Unsupported,
)
from consoleproxy.errors import AgentLinkBroken, ConsoleProxyError

_log = logging.getLogger(__name__)

_LONGEST_UUID = 100


class ProxyInCharge(Protocol):
    """The console proxy that the agent is in charge of."""

    async def start(self, order: StartConsoleProxy) -> None:
        """Open the console ports with this keystore, or take the new keys where they are open.

        Raises:
            KeystoreInvalid: the keystore cannot be used.
            OSError: a port is taken.
        """

    def load(self) -> str:
        """Return the load report of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What concerns the agent itself; called with the server's word.

    Args:
        allow: takes the uuid of a session that may be opened once.
    """

    allow: Callable[[str], None]
    ready: Callable[[Ready], Awaitable[None]]
    servers: Callable[[ManagementServers], Awaitable[None]]
    migrate: Callable[[ManagementServers], Awaitable[None]]
    leave: Callable[[Shutdown], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Duties:
    """Does what requests ask."""

    proxy: ProxyInCharge
    certificates: AgentCertificates
    orders: Orders

    async def perform(self, request: Request) -> Entry | Repeated:
        """Return the answer; what fails is an answer, too, and never quotes what was sent.

        Raises:
            AgentLinkBroken: the server refuses this agent.
        """
        try:
            return await self._perform(request)
        except AgentLinkBroken:
            raise
        except (ConsoleProxyError, OSError, ValueError) as error:
            _log.error("%s failed: %s", type(request).__name__, error)
            return _failed(request, str(error))
        except Exception:
            # The link must outlive what nobody has thought of.
            _log.exception("%s failed", type(request).__name__)
            return _failed(request, "the agent's log says more")

    async def _perform(self, request: Request) -> Entry | Repeated:
        match request:
            case StartConsoleProxy():
                await self.proxy.start(request)
                return answers.done()
            case Ready():
                if request.refusal:
                    raise AgentLinkBroken(f"refused by the management server: {request.refusal}")
                await self.orders.ready(request)
                return answers.ready()
            case AllowConsoleAccess(session_uuid):
                if not 0 < len(session_uuid) <= _LONGEST_UUID:
                    raise ValueError("sessionUuid is missing or too long")
                self.orders.allow(session_uuid)
                return answers.done()
            case CheckHealth():
                return answers.healthy()
            case CheckLoad():
                if request.interval > 0:
                    return Repeated(answers.done(), lambda: self._load(request), request.interval)
                return self._load(request)
            case SetupServers(servers):
                await self.orders.servers(servers)
                return answers.servers_taken()
            case MigrateConnection(servers):
                await self.orders.migrate(servers)
                return answers.migrating()
            case SetupKeyStore():
                return answers.certificate_request(await self.certificates.request())
            case SetupCertificate():
                await self.certificates.take(request)
                return answers.certificate_taken(result=True)
            case Shutdown():
                await self.orders.leave(request)
                return answers.done()
            case Maintain():
                return answers.maintained()
            case Unsupported(name):
                _log.warning("the management server asks for %s, which is not done here", name)
                return answers.unsupported(name)
            case Unreadable(fault):
                raise ValueError(fault)

    def _load(self, request: CheckLoad) -> Entry:
        return answers.load(request.proxy_vm_id, request.proxy_vm_name, self.proxy.load())


def _failed(request: Request, details: str) -> Entry:
    """Return the answer of a class that the server can do with: it casts some without a look."""
    match request:
        case SetupCertificate() | Unreadable(certificate=True):
            return answers.certificate_taken(result=False, details=details)
        case SetupKeyStore():
            return answers.no_certificate_request(details)
        case _:
            return answers.done(result=False, details=details)
