"""The head's side of one worker: answers its calls out of the one registry."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from socket import socket

from consoleproxy.console import model
from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import ConsoleRefused
from consoleproxy.session.ending import EndReason
from consoleproxy.session.returns import Claim
from consoleproxy.workers.channel import Answer, Channel, ChannelClosed
from consoleproxy.workers.messages import (
    Activity,
    Admit,
    Admitted,
    Allowed,
    AskActivity,
    AskEmptied,
    AskReady,
    AskTabs,
    Authenticate,
    Confirm,
    Done,
    End,
    Hello,
    Left,
    Message,
    MessageInvalid,
    Opened,
    Ready,
    Refused,
    Tabs,
)

_log = logging.getLogger(__name__)


class Desk:
    """One worker, as the head sees it; ``ready`` is set once it serves, or has ended.

    Args:
        channel: the head's end.
        admission: decides, for all workers.
        why_not_ready: why no new session is taken.
        gone: is called once when the worker is, and its sessions have left the registry.
    """

    def __init__(
        self,
        channel: socket,
        admission: RegistryAdmission,
        why_not_ready: Callable[[], str],
        gone: Callable[["Desk"], None],
    ) -> None:
        self.channel = Channel(channel, self._received, self._closed)
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.started = asyncio.get_running_loop().time()
        self.given = 0
        self._admission = admission
        self._why_not_ready = why_not_ready
        self._gone = gone
        self._pid = 0
        self._consoles: dict[int, model.Admitted] = {}
        self._asking: dict[int, asyncio.Task[object] | None] = {}

    @property
    def load(self) -> tuple[int, int, int]:
        """What the least loaded worker has least of."""
        return self.channel.backlog, len(self._consoles), self.given

    async def refresh(self, limit: float) -> None:
        """Ask what its consoles have done; a worker that does not answer in time is killed."""
        try:
            async with asyncio.timeout(limit):
                await self.channel.call(AskActivity())
        except TimeoutError:
            self.kill()
        except ChannelClosed:
            return

    async def emptied(self, port: int) -> None:
        """Wait until none of its consoles came in through this port."""
        with suppress(ChannelClosed):
            await self.channel.call(AskEmptied(port))

    def kill(self) -> None:
        """End the worker, whatever it is doing, and let its sessions leave the registry."""
        if self.ended.is_set():
            return
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self.channel.close()
        self._closed()

    def _received(self, message: Message, connection: socket | None) -> Answer:
        if connection is not None:
            connection.close()
        match message:
            case Admit():
                return self._admit(message)
            case Authenticate():
                return self._authenticate(message)
            case AskTabs(tabs):
                return Tabs(sorted(self._admission.registry.tabs_known(tabs)))
            case AskReady():
                return Ready(self._why_not_ready())
            case Confirm(key):
                self._admission.confirm(self._consoles[key].session)
            case Opened(key):
                self._admission.opened(self._consoles[key].session)
            case Left(key, cut, reason):
                self._leave(key, cut=cut, reason=EndReason(reason))
            case Activity(rows):
                for key, down, up, last_activity in rows:
                    self._consoles[key].session.hear(down, up, last_activity)
            case Hello(pid):
                self._pid = pid
                self.ready.set()
            case _:
                raise MessageInvalid(f"a worker does not say {type(message).__name__}")
        return None

    def _admit(self, asked: Admit) -> Message:
        def end(refusal: ConsoleRefused) -> None:
            self.channel.tell(End(asked.key, type(refusal).__name__, str(refusal)))

        try:
            admitted = self._admission.decide(
                ConsoleQuery(asked.token, asked.extra),
                Claim(asked.tab, asked.shown, asked.given, tuple(asked.others.items())),
                asked.client_address,
                end,
            )
        except Exception as error:
            return _refused(error)
        self._consoles[asked.key] = admitted
        session, endpoint = admitted.session, admitted.endpoint
        allowed = self._admission.authenticator is None
        if allowed:
            self._admission.allow(session, endpoint)
        return Admitted(
            session.number,
            session.uuid,
            session.vm_uuid,
            admitted.returning,
            session.began,
            session.created_epoch,
            asdict(endpoint) if allowed else {},
        )

    async def _authenticate(self, asked: Authenticate) -> Message:
        admitted = self._consoles.get(asked.key)
        if admitted is None:
            # It has left meanwhile, and nobody waits for the answer.
            return Done()
        self._asking[asked.key] = asyncio.current_task()
        try:
            endpoint = await self._admission.authenticate(admitted, again=asked.again)
        except Exception as error:
            return _refused(error)
        finally:
            self._asking.pop(asked.key, None)
        return Allowed(asdict(endpoint))

    def _leave(self, key: int, *, cut: bool, reason: EndReason) -> None:
        if asking := self._asking.pop(key, None):
            # Its answer would be for a session that may be back by then, as another one.
            asking.cancel()
        self._admission.leave(self._consoles.pop(key).session, cut=cut, reason=reason)

    def _closed(self) -> None:
        """Strike out what the worker carried; its viewers may come back, to another one."""
        for key in list(self._consoles):
            self._leave(key, cut=True, reason=EndReason.LOST)
        self.ready.set()
        self.ended.set()
        self._gone(self)


def _refused(error: Exception) -> Refused:
    """Return the answer to a question that raised this; what nobody foresaw costs one console."""
    if isinstance(error, ConsoleRefused):
        return Refused(type(error).__name__, str(error), error.session_uuid)
    _log.error("a console could not be decided on", exc_info=error)
    return Refused(ConsoleRefused.__name__, type(error).__name__, "")
