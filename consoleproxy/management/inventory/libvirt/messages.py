"""What an observer tells the management server: one JSON text a line."""

import dataclasses
import json
from dataclasses import dataclass

from consoleproxy.management.inventory.machines import VirtualMachine


@dataclass(frozen=True, slots=True)
class Complete:
    """All machines have been told since the last one of these."""


@dataclass(frozen=True, slots=True)
class Alive:
    """libvirt still answers, and nothing is new."""


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator should know."""

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection, or none any more; the observer ends."""

    cause: str


Message = VirtualMachine | Complete | Alive | Note | Lost

_KINDS: tuple[type[Message], ...] = (VirtualMachine, Complete, Alive, Note, Lost)
_BY_NAME = {kind.__name__: kind for kind in _KINDS}


def encode(message: Message) -> bytes:
    """Return the message's line; a machine's holds its password."""
    return json.dumps([type(message).__name__, dataclasses.asdict(message)]).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Read such a line.

    Raises:
        ValueError: it is none.
    """
    try:
        name, fields = json.loads(line)
        return _BY_NAME[name](**fields)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"not a message of an observer: {error}") from error
