"""What ``listConfigurations`` shows: the settings by name, secrets left out."""

from dataclasses import dataclass

from consoleproxy.settings import Settings, declared_settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """One setting as CloudStack's API shows it."""

    name: str
    value: str
    default: str
    description: str
    type: str


_TYPES = {str: "String", int: "Number", bool: "Boolean"}


def shown_configurations(settings: Settings) -> tuple[Configuration, ...]:
    """Return all settings but the secret ones."""
    return tuple(
        Configuration(
            name=declared.setting.name,
            value=_written(getattr(settings, declared.field)),
            default=_written(declared.default),
            description=declared.setting.help,
            type=_TYPES[declared.type],
        )
        for declared in declared_settings()
        if not declared.setting.secret
    )


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
