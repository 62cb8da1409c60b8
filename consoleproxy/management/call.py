"""A request to the API that was signed right, and its parameters by type."""

import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from consoleproxy.errors import ManagementRequestRefused

Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature was right. ``parameters`` are by lower-cased name."""

    account: str
    source_address: str
    parameters: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str:
        """Return a parameter; empty if it was not sent."""
        return self.parameters.get(name, "").strip()

    def required(self, name: str) -> str:
        """Return a parameter that must be there.

        Raises:
            ManagementRequestRefused: 431, it is not.
        """
        value = self.text(name)
        if not value:
            command = self.parameters.get("command", "")
            raise ManagementRequestRefused(
                431, f"Unable to execute API command {command} due to missing parameter {name}"
            )
        return value

    def number(self, name: str, default: int) -> int:
        """Return a parameter that is a positive whole number.

        Raises:
            ManagementRequestRefused: 431, it is not one.
        """
        value = self.text(name) or str(default)
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
            raise ManagementRequestRefused(431, f"{name} must be a whole number from 1 on")
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return a parameter that is true or false; ``None`` if it was not sent.

        Raises:
            ManagementRequestRefused: 431, it is neither.
        """
        value = self.text(name).lower()
        if value not in ("", "true", "false"):
            raise ManagementRequestRefused(431, f"{name} must be true or false")
        return value == "true" if value else None


Command = Callable[[Call], Awaitable[Answer]]


def api_date(moment: float) -> str:
    """Return seconds since 1970 as CloudStack's answers write them."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
