"""The API command about settings: ``listConfigurations``. Secrets are left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.management.api.call import Answer, Call, Command, page_of
from consoleproxy.settings import Settings, declared_settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """One setting as CloudStack's API shows it."""

    name: str
    value: str
    default: str
    description: str
    type: str


@dataclass(frozen=True, slots=True)
class ConfigurationCommands:
    """What the command works on."""

    configurations: tuple[Configuration, ...]

    def commands(self) -> Mapping[str, Command]:
        """Return it by name."""
        return {"listConfigurations": Command(self.list_configurations)}

    async def list_configurations(self, call: Call) -> Answer:
        """``listConfigurations``, by ``name`` or ``keyword``."""
        return page_of(
            call,
            "configuration",
            [
                {
                    "category": "Console Proxy",
                    "name": entry.name,
                    "value": entry.value,
                    "defaultvalue": entry.default,
                    "description": entry.description,
                    "type": entry.type,
                    "isdynamic": False,
                }
                for entry in self.configurations
                if call.text("name") in ("", entry.name)
                and call.text("keyword").lower() in entry.name.lower()
            ],
        )


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
