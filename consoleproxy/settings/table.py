"""All settings as a document: what docs/SETTINGS.md has, and ``consoleproxy settings`` prints."""

from collections.abc import Iterator
from itertools import groupby

from consoleproxy.settings import Declared, declared_settings
from consoleproxy.settings.declare import LARGEST, Effect, Scope, Setting
from consoleproxy.settings.elsewhere import FOREIGN

_EFFECTS = {Effect.LIVE: "at once", Effect.RESTART: "at a start", Effect.LOCAL: "not over the API"}
_SCOPES = {Scope.OURS: "", Scope.GLOBAL: "global", Scope.ZONE: "zone"}


def settings_table() -> str:
    """Return the settings by subject, in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for group, members in groupby(declared_settings(), key=lambda declared: declared.group):
        yield from (f"### {group}", "")
        yield "| setting | default | values | a change counts | in CloudStack | what it is |"
        yield "|---|---|---|---|---|---|"
        yield from map(_row, members)
        yield ""
    yield from ("### CloudStack only", "")
    yield "| setting | CloudStack's default | in CloudStack | why it does nothing here |"
    yield "|---|---|---|---|"
    for foreign in FOREIGN:
        yield _cells(
            _code(foreign.name), _code(foreign.default), _SCOPES[foreign.scope], foreign.why
        )


def _row(declared: Declared) -> str:
    setting = declared.setting
    return _cells(
        _code(setting.name),
        _code(declared.written(declared.default)),
        _values(declared),
        _EFFECTS[setting.effect],
        _SCOPES[setting.scope],
        setting.help,
    )


def _values(declared: Declared) -> str:
    setting = declared.setting
    if declared.type is bool:
        return "`true`, `false`"
    if setting.choices:
        return ", ".join(_code(choice) or "empty" for choice in setting.choices)
    if declared.type is int:
        return _range(setting)
    return "secret text" if setting.secret else "text"


def _range(setting: Setting) -> str:
    unit = f" ({setting.unit})" if setting.unit else ""
    if setting.maximum is None or setting.maximum == LARGEST:
        return f"{setting.minimum or 0} or more{unit}"
    return f"{setting.minimum or 0} to {setting.maximum}{unit}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
