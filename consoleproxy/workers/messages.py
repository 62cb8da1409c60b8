"""What head and worker tell each other. Pure.

A message is a JSON list: its name, the number of its call, and its fields in order. A call has a
number, its answer the same one negated, and what is only told has 0. A console is named by its
``key``, which its worker chose.
"""

import json
from dataclasses import dataclass, field, fields
from typing import TypeAlias, get_args


@dataclass(frozen=True, slots=True)
class Hello:
    """Worker: it serves."""

    pid: int


@dataclass(frozen=True, slots=True)
class Admit:
    """Worker calls: a browser asks for a console; answered by Admitted or Refused.

    ``tab``, ``shown``, ``given`` and ``others`` are those of a ``session.returns.Claim``.
    """

    key: int
    token: str = field(repr=False)
    extra: str = field(repr=False)
    client_address: str
    tab: str = field(repr=False)
    shown: str = field(repr=False)
    given: str = field(repr=False)
    others: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskTabs:
    """Worker calls: whose consoles are there, or may come back; answered by Tabs."""

    tabs: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tabs:
    """Head answers: those of them."""

    tabs: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Head answers: the console was taken in.

    ``endpoint`` has a ConsoleEndpoint's fields where there is nobody else to ask, and the first
    ``Authenticate`` is spared; otherwise it is empty.
    """

    number: int
    uuid: str
    vm_uuid: str
    returning: bool
    began: float
    created_epoch: float
    endpoint: dict[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Worker calls: may the console be opened; answered by Allowed or Refused."""

    key: int
    again: bool


@dataclass(frozen=True, slots=True)
class Allowed:
    """Head answers: yes, and a ConsoleEndpoint's fields."""

    endpoint: dict[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Head answers: no, with the name and the cause of a ConsoleRefused."""

    error: str
    cause: str
    session_uuid: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Worker: the console's viewer has the secret that it was given."""

    key: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Worker: the console is open."""

    key: int


@dataclass(frozen=True, slots=True)
class Left:
    """Worker: the console has ended; ``reason`` is a ``session.ending.EndReason``."""

    key: int
    cut: bool
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Head: end the console, with the name and the cause of a ConsoleRefused."""

    key: int
    error: str
    cause: str


@dataclass(frozen=True, slots=True)
class AskReady:
    """Worker calls: are new sessions taken; answered by Ready."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Head answers: why not; empty if they are."""

    why_not: str


@dataclass(frozen=True, slots=True)
class AskActivity:
    """Head calls: what the consoles have done; answered by Done, behind some of Activity."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Worker: for some consoles key, bytes down, bytes up, monotonic seconds of the last byte."""

    rows: list[tuple[int, int, int, float]]


@dataclass(frozen=True, slots=True)
class AskEmptied:
    """Head calls: has every console that came in through this port of ours ended; by Done."""

    port: int


@dataclass(frozen=True, slots=True)
class Done:
    """An answer without more to say."""


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """Head: there is a door, or its TLS is another now; no keystore for plain HTTP."""

    door: int
    keystore: str = field(repr=False)
    policy: str


@dataclass(frozen=True, slots=True)
class CloseDoor:
    """Head: close what came through this door and has not become a console."""

    door: int


@dataclass(frozen=True, slots=True)
class Enter:
    """Head: a connection, which comes along, has come through this door."""

    door: int
    address: list[object]


@dataclass(frozen=True, slots=True)
class Change:
    """Head: these settings have other values, by name as text; all others are as at the start."""

    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stop:
    """Head: end all consoles, and go."""


Message: TypeAlias = (
    Hello
    | Admit
    | AskTabs
    | Tabs
    | Admitted
    | Authenticate
    | Allowed
    | Refused
    | Confirm
    | Opened
    | Left
    | End
    | AskReady
    | Ready
    | AskActivity
    | Activity
    | AskEmptied
    | Done
    | OpenDoor
    | CloseDoor
    | Enter
    | Change
    | Stop
)

_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_FIELDS = {name: [one.name for one in fields(kind)] for name, kind in _KINDS.items()}


class MessageInvalid(Exception):
    """Not one of these messages."""


def encode(number: int, message: Message) -> bytes:
    """Return the message as bytes."""
    name = type(message).__name__
    document = [name, number, *(getattr(message, field) for field in _FIELDS[name])]
    return _JSON.encode(document).encode("utf-8", "surrogatepass")


def decode(data: bytes) -> tuple[int, Message]:
    """Return a message and the number of its call.

    Raises:
        MessageInvalid: it is none.
    """
    try:
        name, number, *values = json.loads(data.decode("utf-8", "surrogatepass"))
        return int(number), _KINDS[name](*values)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise MessageInvalid(f"{type(error).__name__} in a message of {len(data)} bytes") from None
