"""Admission by this process's own books: keys, rules, the registry, and the management server."""

import asyncio
import datetime
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.console.model import Admitted
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import (
    AccessRequest,
    AccessRules,
    check_access,
    check_extra,
    check_source,
)
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import (
    AuthenticationRefused,
    ConsoleRefused,
    ManagementUnavailable,
    SessionEndedByOperator,
    SessionOver,
)
from consoleproxy.session.ending import EndReason
from consoleproxy.session.registry import Candidate, Registry
from consoleproxy.session.returns import Claim
from consoleproxy.session.session import Session

_log = logging.getLogger(__name__)


class Authenticator(Protocol):
    """Says whether the cloud allows a session; the management server's client is one."""

    async def authenticate(
        self, endpoint: ConsoleEndpoint, client_address: str, *, reconnecting: bool = False
    ) -> ConsoleEndpoint:
        """Return the endpoint as it is by now, if the session may be opened.

        Its VM may have moved since the token was made, and the cloud may know its instance name.

        Args:
            reconnecting: the session was open a moment ago and comes back.

        Raises:
            AuthenticationRefused: the management server says no.
            ManagementUnavailable: it did not answer.
        """


def _nobody_to_tell() -> None:
    """Changes are told to nobody where no management server takes reports."""


@dataclass(slots=True, kw_only=True)
class RegistryAdmission:
    """The one that decides.

    ``codec`` and ``rules`` may be exchanged, and count for sessions from then on. ``authenticator``
    is ``None`` where no management server is asked. ``changed`` is called when a session began or
    ended.
    """

    registry: Registry
    codec: TokenCodec
    rules: AccessRules
    authenticator: Authenticator | None = None
    changed: Callable[[], None] = field(default=_nobody_to_tell)
    _asking: dict[str, asyncio.Future[ConsoleEndpoint]] = field(default_factory=dict, init=False)

    async def admit(
        self,
        query: ConsoleQuery,
        claim: Claim,
        client_address: str,
        end_login: Callable[[ConsoleRefused], None],
    ) -> Admitted:
        """See ``Admission``."""
        return self.decide(query, claim, client_address, end_login)

    async def tabs_known(self, tabs: frozenset[str]) -> frozenset[str]:
        """See ``Admission``."""
        return self.registry.tabs_known(tabs)

    def decide(
        self,
        query: ConsoleQuery,
        claim: Claim,
        client_address: str,
        end_login: Callable[[ConsoleRefused], None],
    ) -> Admitted:
        """Do what ``admit`` does; nothing in it has to be waited for."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        now_epoch = datetime.datetime.now(datetime.UTC).timestamp()
        known = self.registry.recognise(claim, now)
        endpoint = known or self._decode(query, claim)
        uuid = endpoint.session_uuid
        try:
            returning = self.registry.may_return(uuid, client_address, now, claim)
            if returning:
                # Its link has been checked, and need not be good for longer than its session.
                if not known:
                    check_extra(endpoint, query.extra, self.rules)
                check_source(endpoint, client_address, self.rules)
            else:
                extra = endpoint.extra if known else query.extra
                check_access(endpoint, AccessRequest(extra, client_address), self.rules, now_epoch)
            session = self.registry.admit(
                Candidate(
                    endpoint=endpoint,
                    client_address=client_address,
                    now=now,
                    now_epoch=now_epoch,
                    claim=claim,
                ),
                end_login,
            )
        except ConsoleRefused as refusal:
            refusal.session_uuid = uuid
            self._let_go_in_time(uuid)
            raise
        return Admitted(session, endpoint, returning)

    def _decode(self, query: ConsoleQuery, claim: Claim) -> ConsoleEndpoint:
        """Open the token of a viewer whose secret, if it has one, is not known."""
        if claim.tab and not query.token:
            raise SessionOver("its tab has no token, and shows no secret that is known")
        if self.authenticator is not None and not self.codec.has_keys:
            raise ManagementUnavailable("this proxy has not been given the keys of the tokens yet")
        return self.codec.decode(query.token)

    def _let_go_in_time(self, uuid: str) -> None:
        """Forget the session's endpoint once it may not come back any more."""
        loop = asyncio.get_running_loop()
        if left := self.registry.let_go(uuid, loop.time()):
            loop.call_later(left, self._let_go_in_time, uuid)

    async def authenticate(self, admitted: Admitted, *, again: bool) -> ConsoleEndpoint:
        """Ask the management server, if there is one; see ``Admission``."""
        session, endpoint = admitted.session, admitted.endpoint
        if self.authenticator is not None:
            # Whoever leaves before the answer may be in its books all the same.
            session.asked = True
            try:
                endpoint = await self._answer(self.authenticator, session, endpoint)
            except ManagementUnavailable:
                if not again:
                    self.registry.forget(session, asyncio.get_running_loop().time())
                    self._let_go_in_time(session.uuid)
                raise
        self.allow(session, endpoint)
        return endpoint

    async def _answer(
        self, authenticator: Authenticator, session: Session, endpoint: ConsoleEndpoint
    ) -> ConsoleEndpoint:
        """Ask, and hear the answer whether or not the viewer waits for it.

        It may leave and come back before that. Then there is one question and one answer: only who
        was allowed once is asked about as one that comes back, which checks less.
        """
        uuid = session.uuid
        asking = self._asking.get(uuid)
        if asking is None:
            question = authenticator.authenticate(
                endpoint, session.client_address, reconnecting=session.known
            )
            asking = asyncio.ensure_future(question)
            self._asking[uuid] = asking
            asking.add_done_callback(functools.partial(self._answered, uuid))
        return await asyncio.shield(asking)

    def _answered(self, uuid: str, asking: asyncio.Future[ConsoleEndpoint]) -> None:
        """Take note of an answer, before those do who wait for it."""
        del self._asking[uuid]
        if asking.cancelled():
            return
        error = asking.exception()
        if error is None or isinstance(error, AuthenticationRefused):
            self.registry.answered(uuid, error)

    def allow(self, session: Session, endpoint: ConsoleEndpoint) -> None:
        """Note that the console may be opened, and where its screen is by now."""
        if not session.authenticated:
            session.authenticated = True
            self.changed()
        session.host, session.port = endpoint.host, endpoint.port

    def confirm(self, session: Session) -> None:
        """See ``Admission``."""
        self.registry.confirm(session)

    def opened(self, session: Session) -> None:
        """End the VM's older sessions where the policy is to replace them."""
        session.opened = True
        self.registry.take_over(session)

    def leave(self, session: Session, *, cut: bool, reason: EndReason) -> None:
        """Strike the session out."""
        now = asyncio.get_running_loop().time()
        self.registry.remove(session, cut=cut, reason=reason, now=now)
        if cut:
            self._let_go_in_time(session.uuid)
        self.changed()

    def end_session(self, uuid: str) -> None:
        """End a session because an operator wants it; see ``Registry.end``."""
        self.registry.end(uuid, SessionEndedByOperator())
        self.changed()

    def maintain(self, maintenance: bool) -> None:
        """Take note that the cloud sends no new sessions, or sends them again."""
        self.registry.maintenance = maintenance
        _log.info("maintenance %s", "begins: no new sessions are sent" if maintenance else "ends")

    def end_all(self, refusal: ConsoleRefused) -> None:
        """Drain, and end every session."""
        self.registry.draining = True
        self.registry.end_all(refusal)
        self.ask_no_more()

    def ask_no_more(self) -> None:
        """Give up the answers that have not come: nobody is left to wait for them."""
        for asking in self._asking.values():
            asking.cancel()
