"""Every setting once: name, type, unit, default, help. CloudStack's own names where it has one.

``declare`` says what a setting is; ``port``, ``session``, ``hypervisor``, ``dns``, ``fleet``,
``api``, ``service`` and ``agent`` declare them by subject, each adding to the one before;
``elsewhere`` has those of CloudStack's that mean nothing here. Nothing below this package reads a
setting; values are handed down. ``sources`` finds the values.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from inspect import get_annotations

from consoleproxy.settings.agent import AgentSettings
from consoleproxy.settings.declare import Effect, Setting

__all__ = ["Declared", "Effect", "Setting", "Settings", "declared_settings"]


@dataclass(frozen=True, slots=True)
class Settings(AgentSettings):
    """The settings of a CPVM and of the embedded management server, with their values."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting as it is declared: its field, type, default and description.

    ``group`` is its subject, for people.
    """

    field: str
    type: type[str] | type[int] | type[bool]
    default: str | int | bool
    setting: Setting
    group: str

    def written(self, value: object) -> str:
        """Return a value as text, as each source takes it."""
        return str(value).lower() if self.type is bool else str(value)


@cache
def declared_settings() -> tuple[Declared, ...]:
    """Return all settings in the order of their declaration."""
    defaults = Settings()
    groups = dict(_groups())
    return tuple(
        Declared(
            entry.name,
            type(getattr(defaults, entry.name)),
            getattr(defaults, entry.name),
            entry.metadata["setting"],
            groups[entry.name],
        )
        for entry in fields(Settings)
    )


def _groups() -> Iterator[tuple[str, str]]:
    for declaring in Settings.__mro__:
        for name in get_annotations(declaring):
            yield name, declaring.__dict__.get("GROUP", "")
