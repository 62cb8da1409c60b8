"""Where the values of settings come from, and which of them counts."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Effect, Settings, declared_settings
from consoleproxy.settings.elsewhere import FOREIGN
from consoleproxy.settings.values import checked_value, read_value

CHANGEABLE = frozenset({Effect.LIVE, Effect.RESTART})
_FOREIGN = {foreign.name: foreign for foreign in FOREIGN}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings, and for each field the source of its value."""

    settings: Settings
    sources: Mapping[str, str]

    def lines(self) -> Iterator[str]:
        """Yield one line a setting: name, value, source; secrets as ``***``."""
        for declared in declared_settings():
            value = getattr(self.settings, declared.field)
            shown = "***" if declared.setting.secret and value else declared.written(value)
            yield f"{declared.setting.name} = {shown}  ({self.sources[declared.field]})"


def resolve_settings(
    *,
    command_line: Sequence[str] = (),
    environment: Mapping[str, str],
    config_file: Path | None = None,
    boot_arguments: str = "",
    told: Mapping[str, str] | None = None,
) -> Resolved:
    """Return the settings that count.

    Precedence: command line, environment, TOML file, boot arguments, default.

    Args:
        command_line: ``name=value`` texts.
        boot_arguments: the CPVM's boot arguments, ``name=value`` divided by blanks; those that
            are not settings are not looked at.
        told: values by the setting's name that boot arguments and a system VM's properties files
            come to, see ``agent.told``; they count as boot arguments do.

    Raises:
        SettingsInvalid: with every mistake of every source.
    """
    problems: list[str] = []
    given = [
        ("command line", _from_command_line(command_line, problems)),
        ("environment", _from_environment(environment)),
        (f"file {config_file}", _from_file(config_file, problems)),
        ("boot arguments", {**_from_boot_arguments(boot_arguments), **(told or {})}),
    ]
    values: dict[str, str | int | bool] = {}
    sources: dict[str, str] = {}
    for declared in declared_settings():
        name = declared.setting.name
        source, raw = next(
            ((source, found[name]) for source, found in given if name in found),
            ("default", declared.default),
        )
        sources[declared.field] = source
        try:
            values[declared.field] = read_value(declared, raw)
        except ValueError as error:
            problems.append(f"{name} ({source}): {error}")
    if problems:
        raise SettingsInvalid(problems)
    return Resolved(Settings(**values), sources)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Overlaid:
    """Settings with those that administrators changed; ``problems`` are of what is left out."""

    settings: Settings
    problems: tuple[str, ...]


def overlaid(
    own: Settings, changed: Mapping[str, str], effects: frozenset[Effect] = CHANGEABLE
) -> Overlaid:
    """Return the settings that count where administrators changed some over the API.

    Their values come before those of all other sources. What this version does not know, or does
    not take over the API, is left out, as another version may have stored it.

    Args:
        own: what the sources of this process say.
        changed: values by name.
        effects: only settings of which a change has one of these are looked at.
    """
    values: dict[str, str | int | bool] = {}
    problems: list[str] = []
    for declared in declared_settings():
        name = declared.setting.name
        if name not in changed or declared.setting.effect not in effects:
            continue
        try:
            values[declared.field] = checked_value(declared, changed[name])
        except ValueError as error:
            problems.append(f"{name} (set over the API) is not used: {error}")
    return Overlaid(replace(own, **values), tuple(problems))  # type: ignore[arg-type]


def _from_command_line(texts: Sequence[str], problems: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            problems.append(f"--set {name}: write --set name=value")
        found[name] = value
    _refuse_unknown(found, "command line", problems)
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    return {
        declared.setting.name: environment[declared.setting.environment]
        for declared in declared_settings()
        if declared.setting.environment in environment
    }


def _from_file(path: Path | None, problems: list[str]) -> dict[str, object]:
    if path is None:
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
        return {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: is not TOML: {error}")
        return {}
    found = dict(_flatten(document))
    _refuse_unknown(found, str(path), problems)
    return found


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _from_boot_arguments(text: str) -> dict[str, object]:
    arguments = dict(word.split("=", 1) for word in text.split() if "=" in word)
    return {
        declared.setting.name: arguments[declared.setting.boot_argument]
        for declared in declared_settings()
        if declared.setting.boot_argument in arguments
    }


def _refuse_unknown(found: Mapping[str, object], source: str, problems: list[str]) -> None:
    known = {declared.setting.name for declared in declared_settings()}
    for name in found:
        if foreign := _FOREIGN.get(name):
            problems.append(f"{name} ({source}): it does nothing here: {foreign.why}")
        elif name not in known:
            problems.append(f"{name} ({source}): there is no such setting")
