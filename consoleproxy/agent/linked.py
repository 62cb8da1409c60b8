"""One link: introduce the agent, ping, do what is asked in its order, until the link ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from consoleproxy.agent import statements
from consoleproxy.agent.answers import Repeated
from consoleproxy.agent.connection import Connection
from consoleproxy.agent.conversation import Answered, Asked, Conversation
from consoleproxy.agent.inbox import Inbox
from consoleproxy.agent.packet import Flag
from consoleproxy.agent.payload import Entry
from consoleproxy.agent.requests import Request
from consoleproxy.agent.statements import Pinged, Started
from consoleproxy.errors import AgentLinkBroken, ManagementUnavailable

_log = logging.getLogger(__name__)

_STARTUP_SECONDS = 180.0
# A server that does not answer a ping by when the next is due, or within these bounds, is taken for
# gone, so that the agent may go to another one.
_LEAST_PING_ANSWER_SECONDS = 10.0
_MOST_PING_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the agent says first.

    Args:
        startup: makes ``StartupProxyCommand`` for the number that the agent has by then.
        avoid: is told of servers that are about to stop.
    """

    startup: Callable[[int], Entry]
    avoid: Callable[[tuple[str, ...] | None], None]


class Linked:
    """An open link, and the conversation on it.

    Args:
        host_id: the agent's number; 0 where it has none yet. ``Linked.host_id`` may be changed.
        perform: does what a request asks and returns the answer; must not raise.
    """

    def __init__(
        self,
        connection: Connection,
        host_id: int,
        introduction: Introduction,
        perform: Callable[[Request], Awaitable[Entry | Repeated]],
    ) -> None:
        self._connection = connection
        self._conversation = Conversation(host_id)
        self._introduction = introduction
        self._perform = perform
        self._answers: dict[int, asyncio.Future[tuple[Entry, ...]]] = {}
        self._requests = Inbox()
        self._repeating: asyncio.Task[None] | None = None
        self._started = False
        self._called = False
        self._ended = asyncio.Event()
        self._at_work = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def joined(self) -> bool:
        """Whether the server listens to more than a startup.

        It drops what comes earlier. That it knows the agent shows by its first request; that and
        the answer to the startup may come in any order.
        """
        return self._started and self._called and not self._ended.is_set()

    @property
    def host_id(self) -> int:
        """The agent's number."""
        return self._conversation.host_id

    @host_id.setter
    def host_id(self, number: int) -> None:
        self._conversation.host_id = number

    async def run(self) -> None:
        """Live until the link ends; never returns.

        Raises:
            AgentLinkBroken: the server does what no management server does, or refuses this agent.
            ManagementUnavailable: the server does not answer.
            OSError: the link has ended.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(), name="agent: read")
                group.create_task(self._serve(group), name="agent: answer")
                group.create_task(self._ping(await self._start()), name="agent: ping")
        except ExceptionGroup as several:
            # The first one is the cause; the others are what it did to their socket.
            raise several.exceptions[0] from None
        finally:
            self._ended.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(
                        ManagementUnavailable("the link to the management server ended")
                    )

    async def ask(self, entry: Entry, seconds: float, *, in_sequence: bool = False) -> Entry:
        """Return the server's answer.

        Raises:
            ManagementUnavailable: there was none in time.
        """
        if self._ended.is_set():
            raise ManagementUnavailable("the link to the management server has ended")
        answer: asyncio.Future[tuple[Entry, ...]] = asyncio.get_running_loop().create_future()
        try:
            sequence, message = self._conversation.ask(entry, in_sequence=in_sequence)
        except AgentLinkBroken as error:
            raise ManagementUnavailable(str(error)) from error
        self._answers[sequence] = answer
        self._begin()
        try:
            async with asyncio.timeout(seconds):
                await self._connection.send(message)
                found = await answer
        except OSError as error:
            cause = str(error) or f"no answer within {seconds:.0f} s"
            raise ManagementUnavailable(f"the management server: {cause}") from error
        finally:
            del self._answers[sequence]
            self._conversation.give_up(sequence)
            self._finish()
            if answer.done() and not answer.cancelled():
                # It may hold an error that nobody has waited for.
                answer.exception()
        return found[0]

    async def over(self) -> None:
        """Return once the link has ended."""
        await self._ended.wait()

    async def quiet(self) -> None:
        """Return once neither side waits for the other."""
        await self._quiet.wait()

    async def tell(self, entry: Entry) -> None:
        """Send what is not answered.

        Raises:
            OSError: the link has ended.
        """
        await self._connection.send(self._conversation.tell(entry))

    async def _start(self) -> float:
        """Introduce the agent, and return the seconds between pings."""
        entry = self._introduction.startup(self.host_id)
        started = Started.of(await self.ask(entry, _STARTUP_SECONDS, in_sequence=True))
        if started.refusal:
            raise AgentLinkBroken(f"refused by the management server: {started.refusal}")
        if started.host_id:
            self.host_id = started.host_id
        self._started = True
        return float(started.ping_seconds)

    async def _ping(self, interval: float) -> None:
        while True:
            # Not at once: until it has seen an agent up, the server would want to hear its startup
            # again. A ping without the agent's number is nobody's.
            await asyncio.sleep(interval)
            if self.host_id:
                limit = min(max(interval, _LEAST_PING_ANSWER_SECONDS), _MOST_PING_ANSWER_SECONDS)
                answer = await self.ask(statements.ping(self.host_id), limit)
                pinged = Pinged.of(answer)
                self._introduction.avoid(pinged.avoided)
                if pinged.start_again:
                    _log.info("the management server does not know that this agent is up")
                    interval = await self._start()

    async def _read(self) -> None:
        while True:
            message = await self._connection.receive()
            try:
                found = self._conversation.receive(message)
            except AgentLinkBroken as error:
                # The frames are whole, so what follows can be read; CloudStack loses it, too.
                _log.warning("a message of the management server is lost: %s", error)
                continue
            if isinstance(found, Asked):
                self._called = True
                self._begin()
                await self._requests.put(found)
            elif isinstance(found, Answered):
                waiting = self._answers.get(found.sequence)
                if waiting is not None and not waiting.done():
                    waiting.set_result(found.entries)

    async def _serve(self, group: asyncio.TaskGroup) -> None:
        while True:
            asked = await self._requests.get()
            names = ", ".join(type(request).__name__ for request in asked.requests)
            _log.info("asked for %s, logid %s", names, asked.log_id or "-")
            given: list[Entry] = []
            for request in asked.requests:
                answer = await self._perform(request)
                if isinstance(answer, Repeated):
                    self._repeat(group, asked, answer)
                    answer = answer.first
                given.append(answer)
                if not answer.flag("result") and Flag.STOP_ON_ERROR in asked.packet.flags:
                    break
            await self._connection.send(self._conversation.answer(asked, given))
            self._finish()

    def _begin(self) -> None:
        self._at_work += 1
        self._quiet.clear()

    def _finish(self) -> None:
        self._at_work -= 1
        if not self._at_work:
            self._quiet.set()

    def _repeat(self, group: asyncio.TaskGroup, asked: Asked, answer: Repeated) -> None:
        if self._repeating is not None:
            self._repeating.cancel()
        self._repeating = group.create_task(self._go_on(asked, answer), name="agent: watch")

    async def _go_on(self, asked: Asked, answer: Repeated) -> None:
        while True:
            await asyncio.sleep(answer.interval)
            await self._connection.send(self._conversation.answer(asked, [answer.then()]))
