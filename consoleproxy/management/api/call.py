"""A request to the API that was signed right, and its parameters by type."""

import datetime
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.api.parameters import Parameter

Answer = dict[str, object]

# CloudStack's default.page.size
_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: from ``start`` on, at most ``size`` entries."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature was right. ``parameters`` are by lower-cased name."""

    caller: Caller
    source_address: str
    parameters: Mapping[str, str] = field(repr=False)

    @property
    def account(self) -> str:
        """The name of the caller's account."""
        return self.caller.account

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

    def moment(self, name: str, *, whole_day: bool = False) -> float | None:
        """Return a parameter that is a date in seconds since 1970; ``None`` if it was not sent.

        As CloudStack takes them: ``2026-01-31``, ``2026-01-31 23:59:59`` and
        ``2026-01-31T23:59:59+0100``; without an offset it is UTC.

        Args:
            whole_day: a date without a time means the end of that day.

        Raises:
            ManagementRequestRefused: 431, it is none.
        """
        value = self.text(name)
        if not value:
            return None
        try:
            # A plus that was not encoded arrives as a blank.
            found = datetime.datetime.fromisoformat(re.sub(r" (\d{4})$", r"+\1", value))
            if found.tzinfo is None:
                found = found.replace(tzinfo=datetime.UTC)
            if whole_day and len(value) <= len("2026-01-31"):
                found += datetime.timedelta(days=1, microseconds=-1)
            return found.timestamp()
        except (ValueError, OverflowError):
            raise ManagementRequestRefused(
                431, f"{name} must be a date as 2026-01-31, or with a time as 2026-01-31 23:59:59"
            ) from None

    def page(self) -> Page:
        """Return which part of a list is asked for (``page`` and ``pagesize``).

        Raises:
            ManagementRequestRefused: 431, they are no numbers.
        """
        size = self.number("pagesize", _PAGE_SIZE)
        return Page((self.number("page", 1) - 1) * size, size)

    def flag(self, name: str) -> bool | None:
        """Return a parameter that is true or false; ``None`` if it was not sent.

        Raises:
            ManagementRequestRefused: 431, it is neither.
        """
        value = self.text(name).lower()
        if value not in ("", "true", "false"):
            raise ManagementRequestRefused(431, f"{name} must be true or false")
        return value == "true" if value else None


EVERYBODY = frozenset(Role)
MANAGERS = frozenset({Role.ADMIN, Role.DOMAIN_ADMIN})
ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the API, and the roles that may call it.

    Args:
        description: what it does, for ``listApis``.
        takes: its parameters; a request with others is refused.
        is_async: whether it is answered with the id of a job.
    """

    run: Callable[[Call], Awaitable[Answer]]
    roles: frozenset[Role]
    description: str
    takes: Sequence[Parameter]
    is_async: bool = False


class CommandGroup(Protocol):
    """The commands about one subject."""

    def commands(self) -> Mapping[str, Command]:
        """Return them by CloudStack's names."""


def listing(name: str, count: int, page: Sequence[Answer]) -> Answer:
    """Return one page of a list of ``count``; CloudStack leaves all keys out of an empty list."""
    return {"count": count, name: list(page)} if page else {}


def page_of(call: Call, name: str, entries: Iterable[Answer]) -> Answer:
    """Return the page of a list that is asked for.

    Raises:
        ManagementRequestRefused: 431, ``page`` or ``pagesize`` is no number.
    """
    everything, page = list(entries), call.page()
    return listing(name, len(everything), everything[page.start : page.start + page.size])


def api_date(moment: float) -> str:
    """Return seconds since 1970 as CloudStack's answers write them."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
