"""A worker's admission: asks the head."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from consoleproxy.console import model
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import ConsoleRefused, ProxyDraining
from consoleproxy.session.ending import EndReason
from consoleproxy.session.returns import Claim
from consoleproxy.session.session import Session
from consoleproxy.workers.channel import Channel, ChannelClosed
from consoleproxy.workers.messages import (
    Admit,
    Admitted,
    Allowed,
    AskTabs,
    Authenticate,
    Confirm,
    Left,
    Message,
    MessageInvalid,
    Opened,
    Refused,
    Tabs,
)
from consoleproxy.workers.refusals import refusal_of


@dataclass(slots=True)
class _Console:
    """A console that the head was asked about; ``told`` is the last activity that it knows of.

    ``allowed`` is where it leads, if the head need not be asked again.
    """

    end_login: Callable[[ConsoleRefused], None]
    allowed: ConsoleEndpoint | None = None
    session: Session | None = None
    told: float = 0.0


class RemoteAdmission:
    """See ``console.model.Admission``; ``channel`` has to be set before the first console."""

    channel: Channel

    def __init__(self) -> None:
        self._consoles: dict[int, _Console] = {}
        self._keys = count(1)
        # Of a live session, by its number, which the head gave it.
        self._key_of: dict[int, int] = {}

    async def admit(
        self,
        query: ConsoleQuery,
        claim: Claim,
        client_address: str,
        end_login: Callable[[ConsoleRefused], None],
    ) -> model.Admitted:
        """Ask the head."""
        key = next(self._keys)
        console = self._consoles[key] = _Console(end_login)
        try:
            answer = await self._ask(
                Admit(
                    *(key, query.token, query.extra, client_address),
                    *(claim.tab, claim.shown, claim.given, dict(claim.others)),
                )
            )
        except ConsoleRefused:
            del self._consoles[key]
            raise
        if not isinstance(answer, Admitted):
            raise MessageInvalid(type(answer).__name__)
        session = console.session = Session(
            number=answer.number,
            uuid=answer.uuid,
            vm_uuid=answer.vm_uuid,
            host="",
            port=0,
            client_address=client_address,
            created=asyncio.get_running_loop().time(),
            began=answer.began,
            created_epoch=answer.created_epoch,
            password="",
            end_login=end_login,
        )
        self._key_of[session.number] = key
        if answer.endpoint:
            console.allowed = ConsoleEndpoint(**answer.endpoint)  # type: ignore[arg-type]
        # What else the token says stays with the head until the cloud has allowed it.
        endpoint = ConsoleEndpoint(session_uuid=answer.uuid, vm_uuid=answer.vm_uuid)
        return model.Admitted(session, endpoint, answer.returning)

    async def tabs_known(self, tabs: frozenset[str]) -> frozenset[str]:
        """Ask the head; where that is gone, all are."""
        try:
            answer = await self.channel.call(AskTabs(sorted(tabs)))
        except ChannelClosed:
            return tabs
        if not isinstance(answer, Tabs):
            raise MessageInvalid(type(answer).__name__)
        return frozenset(answer.tabs)

    async def authenticate(self, admitted: model.Admitted, *, again: bool) -> ConsoleEndpoint:
        """Ask the head, unless it has said so already."""
        key = self._key_of[admitted.session.number]
        if allowed := self._consoles[key].allowed:
            return allowed
        answer = await self._ask(Authenticate(key, again))
        if not isinstance(answer, Allowed):
            raise MessageInvalid(type(answer).__name__)
        return ConsoleEndpoint(**answer.endpoint)  # type: ignore[arg-type]

    def confirm(self, session: Session) -> None:
        """Tell the head."""
        self.channel.tell(Confirm(self._key_of[session.number]))

    def opened(self, session: Session) -> None:
        """Tell the head."""
        self.channel.tell(Opened(self._key_of[session.number]))

    def leave(self, session: Session, *, cut: bool, reason: EndReason) -> None:
        """Tell the head, and forget the session."""
        key = self._key_of.pop(session.number)
        del self._consoles[key]
        self.channel.tell(Left(key, cut, reason))

    def end_all(self, refusal: ConsoleRefused) -> None:
        """End every console that this process carries."""
        for console in list(self._consoles.values()):
            _end(console, refusal)

    def end(self, key: int, refusal: ConsoleRefused) -> None:
        """End one console, as the head says; it may have ended by itself."""
        if console := self._consoles.get(key):
            _end(console, refusal)

    def activity(self) -> Iterator[tuple[int, int, int, float]]:
        """Yield a row for each console in which something has happened since the last time."""
        for key, console in self._consoles.items():
            session = console.session
            if session is not None and session.last_activity != console.told:
                console.told = session.last_activity
                yield key, session.bytes_down, session.bytes_up, session.last_activity

    async def _ask(self, message: Message) -> Message:
        try:
            answer = await self.channel.call(message)
        except ChannelClosed:
            raise ProxyDraining("the head process is gone") from None
        if isinstance(answer, Refused):
            refusal = refusal_of(answer.error, answer.cause)
            refusal.session_uuid = answer.session_uuid
            raise refusal
        return answer


def _end(console: _Console, refusal: ConsoleRefused) -> None:
    if console.session is not None:
        console.session.end(refusal)
    else:
        console.end_login(refusal)
