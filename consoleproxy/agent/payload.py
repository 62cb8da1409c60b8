"""What is inside a packet: a JSON array of commands, or of answers, each under its class's name.

``[{"com.cloud.agent.api.PingCommand": {"hostId": 5}}]``. The names are Java's; here they are keys
of a fixed table, and nothing is ever made from a name that came over the network. Java leaves
``null`` fields out.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from consoleproxy.errors import AgentLinkBroken

_Kind = TypeVar("_Kind")

# More than one is not seen in practice.
_MOST_COMMANDS = 64
_LONG = range(-(2**63), 2**63)
_LOGGED = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or an answer.

    Args:
        name: of its Java class.
        fields: by name; may hold keys and passwords.
    """

    name: str
    fields: Mapping[str, Any] = field(repr=False)

    def text(self, name: str, default: str = "") -> str:
        """Return a string; the default where it is missing.

        Raises:
            AgentLinkBroken: it is of another type.
        """
        return self._of_type(name, str, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false; the default where it is missing.

        Raises:
            AgentLinkBroken: it is of another type.
        """
        return self._of_type(name, bool, default)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number; the default where it is missing.

        Raises:
            AgentLinkBroken: it is of another type, or more than Java's ``long`` holds.
        """
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value not in _LONG:
            self._fault(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; empty where it is missing.

        Raises:
            AgentLinkBroken: it is of another type.
        """
        values = self._of_type(name, list, [])
        if not all(isinstance(value, str) for value in values):
            self._fault(name)
        return tuple(values)

    def octets(self, name: str) -> bytes:
        """Return Java's ``byte[]``, which JSON has as signed numbers; empty where it is missing.

        Raises:
            AgentLinkBroken: it is of another type.
        """
        values = self._of_type(name, list, [])
        if not all(type(value) is int and -128 <= value <= 127 for value in values):
            self._fault(name)
        return bytes(value & 0xFF for value in values)

    @property
    def log_id(self) -> str:
        """What the server's log calls the job that this belongs to; empty where it has no name."""
        context = self.fields.get("contextMap")
        found = context.get("logid") if isinstance(context, dict) else None
        return line_of(found) if isinstance(found, str) else ""

    def _of_type(self, name: str, kind: type[_Kind], default: _Kind) -> _Kind:
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            self._fault(name)
        return value

    def _fault(self, name: str) -> NoReturn:
        raise AgentLinkBroken(f"{self.name}: {name} is of another type than it should be")


def line_of(text: str) -> str:
    """Return what came over the network as it may stand in a line of a log."""
    return "".join(letter for letter in text[:_LOGGED] if letter.isprintable())


def entries_of(payload: bytes) -> tuple[Entry, ...]:
    """Read a payload.

    Raises:
        AgentLinkBroken: it is none.
    """
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        # Their text quotes the payload.
        raise AgentLinkBroken("a payload that is not JSON") from None
    if not isinstance(document, list) or not 0 < len(document) <= _MOST_COMMANDS:
        raise AgentLinkBroken("a payload that is no list of commands")
    return tuple(_entry(element) for element in document)


def payload_of(entries: Iterable[Entry]) -> bytes:
    """Return the payload; ASCII only, as the server reads it in whatever charset it runs under."""
    document = [{entry.name: dict(entry.fields)} for entry in entries]
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _entry(element: object) -> Entry:
    if not isinstance(element, dict) or len(element) != 1:
        raise AgentLinkBroken("a payload with something else than commands")
    ((name, fields),) = element.items()
    if not isinstance(fields, dict):
        raise AgentLinkBroken("a payload with a command that has no fields")
    return Entry(name, fields)
