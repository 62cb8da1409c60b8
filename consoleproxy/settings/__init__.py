"""Every setting once: name, type, unit, default, help. CloudStack's own names where it has one.

``declare`` says what a setting is; ``port``, ``session``, ``hypervisor`` and ``service`` declare
them by subject, each adding to the one before. Nothing below this package reads a setting; values
are handed down. ``sources`` finds the values.
"""

from dataclasses import dataclass, fields

from consoleproxy.settings.declare import Setting
from consoleproxy.settings.service import ServiceSettings

__all__ = ["Declared", "Setting", "Settings", "declared_settings"]


@dataclass(frozen=True, slots=True)
class Settings(ServiceSettings):
    """The settings of a CPVM and of the embedded management server, with their values."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting as it is declared: its field, type, default and description."""

    field: str
    type: type[str] | type[int] | type[bool]
    default: str | int | bool
    setting: Setting


def declared_settings() -> tuple[Declared, ...]:
    """Return all settings in the order of their declaration."""
    defaults = Settings()
    return tuple(
        Declared(
            entry.name,
            type(getattr(defaults, entry.name)),
            getattr(defaults, entry.name),
            entry.metadata["setting"],
        )
        for entry in fields(Settings)
    )
