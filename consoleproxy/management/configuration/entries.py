"""The settings as CloudStack's API shows them: every one, whether or not it can be set here."""

from collections.abc import Iterator
from dataclasses import dataclass

from consoleproxy.settings import Declared, Effect, Settings, declared_settings
from consoleproxy.settings.declare import LARGEST, Setting
from consoleproxy.settings.elsewhere import FOREIGN, Foreign

_TYPES = {str: "String", int: "Number", bool: "Boolean"}
_COMPONENTS = {
    "API": "ManagementServer",
    "Fleet": "ManagementServer",
    "Management server": "ManagementServer",
}
_EFFECTS = {
    Effect.LIVE: "A change counts at once.",
    Effect.RESTART: "A change counts for a proxy when it is started anew.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as CloudStack's API shows it.

    Args:
        help: what it is and may be.
        effect: what becomes of a change.
        scope: one value counts everywhere here.
    """

    category: str
    group: str
    name: str
    value: str
    default: str
    help: str
    effect: str
    type: str
    options: str
    dynamic: bool
    component: str
    scope: str = "Global"

    @property
    def description(self) -> str:
        """All of it in sentences."""
        return " ".join(filter(None, (self.help, self.effect)))

    def answer(self) -> dict[str, object]:
        """Return CloudStack's fields; ``options`` only where there are some."""
        fields: dict[str, object] = {
            "category": self.category,
            "group": self.group,
            "name": self.name,
            "value": self.value,
            "defaultvalue": self.default,
            "description": self.description,
            "type": self.type,
            "isdynamic": self.dynamic,
            "scope": self.scope,
            "component": self.component,
        }
        if self.options:
            fields["options"] = self.options
        return fields


def entries(settings: Settings) -> Iterator[Entry]:
    """Yield all settings with these values, secret ones as ``***``; then those without effect."""
    for declared in declared_settings():
        yield entry_of(declared, settings)
    for foreign in FOREIGN:
        yield _foreign(foreign)


def entry_of(declared: Declared, settings: Settings) -> Entry:
    """Return one setting with its value among these."""
    setting = declared.setting
    value = declared.written(getattr(settings, declared.field))
    return Entry(
        category=_category(setting.name),
        group=declared.group,
        name=setting.name,
        value="***" if setting.secret and value else value,
        default=declared.written(declared.default),
        help=" ".join(filter(None, (setting.help, range_of(setting)))),
        effect=_effect(setting),
        type="Select" if setting.choices else _TYPES[declared.type],
        options=",".join(setting.choices),
        dynamic=setting.effect is Effect.LIVE,
        component=_COMPONENTS.get(declared.group, "ConsoleProxy"),
    )


def range_of(setting: Setting) -> str:
    """Return the range of a number as a sentence; empty where there is none."""
    unit = f" ({setting.unit})" if setting.unit else ""
    if setting.minimum is None:
        return ""
    if setting.maximum is None or setting.maximum == LARGEST:
        return f"At least {setting.minimum}{unit}."
    return f"{setting.minimum} to {setting.maximum}{unit}."


def why_not_here(setting: Setting) -> str:
    """Return why a setting does not come over the API, and where to set it."""
    reason = "it is a secret" if setting.secret else setting.local
    return (
        f"{reason}: set it where the program starts, on the command line, in its file, or as "
        f"{setting.environment}"
    )


def _effect(setting: Setting) -> str:
    if setting.changeable:
        return _EFFECTS[setting.effect]
    return f"Not set over the API, as {why_not_here(setting)}; shown is what this server has."


def _foreign(foreign: Foreign) -> Entry:
    return Entry(
        category=_category(foreign.name),
        group="CloudStack only",
        name=foreign.name,
        value="",
        default=foreign.default,
        help=f"Does nothing here: {foreign.why}.",
        effect="",
        type="String",
        options="",
        dynamic=False,
        component="ConsoleProxy",
    )


def _category(name: str) -> str:
    return "Console Proxy" if name.startswith("consoleproxy.") else "Advanced"
