"""One link's conversation with a management server: who said what, and who waits for an answer.

Messages of the link in, events out; messages to send are returned. No I/O, and no clock. The
server's requests come out one by one and are answered in their order, as it holds its next one
back until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from consoleproxy.agent import answers
from consoleproxy.agent.packet import NOBODY, Flag, Packet
from consoleproxy.agent.payload import Entry, entries_of, payload_of
from consoleproxy.agent.requests import Request, request_of
from consoleproxy.errors import AgentLinkBroken

# Of the server's requests that are not answered yet, and of ours.
_MOST_WAITING = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """The server wants something; ``Conversation.answer`` takes what it gets.

    Args:
        log_id: what the server's log calls the job that this belongs to.
    """

    packet: Packet
    requests: tuple[Request, ...]
    log_id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to the request with this sequence number."""

    sequence: int
    entries: tuple[Entry, ...] = field(repr=False)


class Conversation:
    """Args:
    host_id: the agent's number, as it was last told; 0 where it never was.
    """

    def __init__(self, host_id: int) -> None:
        self.host_id = host_id
        self._next = 0
        self._waiting: set[int] = set()

    def ask(self, entry: Entry, *, in_sequence: bool = False) -> tuple[int, bytes]:
        """Return the sequence number of a request, and the message.

        Raises:
            AgentLinkBroken: the server has answered nothing for too long.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise AgentLinkBroken(f"{_MOST_WAITING} requests wait for an answer")
        sequence, self._next = self._next, self._next + 1
        self._waiting.add(sequence)
        return sequence, self._message(sequence, entry, in_sequence=in_sequence)

    def tell(self, entry: Entry) -> bytes:
        """Return the message of a request that is not answered."""
        sequence, self._next = self._next, self._next + 1
        return self._message(sequence, entry, in_sequence=False)

    def give_up(self, sequence: int) -> None:
        """Wait for this answer no longer; one that comes all the same is dropped."""
        self._waiting.discard(sequence)

    def receive(self, message: bytes) -> Asked | Answered | None:
        """Return what a message means; ``None`` for an answer that nobody waits for.

        Raises:
            AgentLinkBroken: it is no message of a management server.
        """
        packet = Packet.from_bytes(message)
        # FROM_SERVER is not looked at: a server leaves it out where it refuses an agent.
        entries = entries_of(packet.payload)
        if packet.is_request:
            requests = tuple(request_of(entry) for entry in entries)
            return Asked(packet, requests, entries[0].log_id)
        if packet.sequence not in self._waiting:
            return None
        self._waiting.remove(packet.sequence)
        return Answered(packet.sequence, entries)

    def answer(self, asked: Asked, given: Sequence[Entry]) -> bytes:
        """Return the message that answers each of the server's commands.

        Args:
            given: fewer than were asked where one failed and the server wants no more then.
        """
        missing = len(asked.requests) - len(given)
        stopped = [answers.done(result=False, details="Stopped by previous failure")] * missing
        return asked.packet.answer(payload_of([*given, *stopped])).to_bytes()

    def _message(self, sequence: int, entry: Entry, *, in_sequence: bool) -> bytes:
        flags = Flag.REQUEST | (Flag.IN_SEQUENCE if in_sequence else Flag.STOP_ON_ERROR)
        number = self.host_id or NOBODY
        return Packet(
            flags=flags,
            sequence=sequence,
            agent=number,
            via=number,
            payload=payload_of([entry]),
        ).to_bytes()
