"""Where the values of settings come from, and which of them counts."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Declared, Settings, declared_settings

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings, and for each field the source of its value."""

    settings: Settings
    sources: Mapping[str, str]

    def lines(self) -> Iterator[str]:
        """Yield one line a setting: name, value, source; secrets as ``***``."""
        for declared in declared_settings():
            value = getattr(self.settings, declared.field)
            shown = "***" if declared.setting.secret and value else _as_text(value)
            yield f"{declared.setting.name} = {shown}  ({self.sources[declared.field]})"


def resolve_settings(
    *,
    command_line: Sequence[str] = (),
    environment: Mapping[str, str],
    config_file: Path | None = None,
    boot_arguments: str = "",
) -> Resolved:
    """Return the settings that count.

    Precedence: command line, environment, TOML file, boot arguments, default.

    Args:
        command_line: ``name=value`` texts.
        boot_arguments: the CPVM's boot arguments, ``name=value`` divided by blanks; those that
            are not settings are not looked at.

    Raises:
        SettingsInvalid: with every mistake of every source.
    """
    problems: list[str] = []
    given = [
        ("command line", _from_command_line(command_line, problems)),
        ("environment", _from_environment(environment)),
        (f"file {config_file}", _from_file(config_file, problems)),
        ("boot arguments", _from_boot_arguments(boot_arguments)),
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
            values[declared.field] = _convert(declared, raw)
        except ValueError as error:
            problems.append(f"{name} ({source}): {error}")
    if problems:
        raise SettingsInvalid(problems)
    return Resolved(Settings(**values), sources)  # type: ignore[arg-type]


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
    problems.extend(
        f"{name} ({source}): there is no such setting" for name in found if name not in known
    )


def _convert(declared: Declared, raw: object) -> str | int | bool:
    if declared.type is bool:
        return _to_switch(raw)
    if declared.type is int:
        return _to_number(declared, raw)
    if not isinstance(raw, str):
        raise ValueError("must be a text")
    choices = declared.setting.choices
    if choices and raw not in choices:
        raise ValueError("must be one of " + ", ".join(choice or '""' for choice in choices))
    return raw


def _to_switch(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _TRUE | _FALSE:
        return raw.lower() in _TRUE
    raise ValueError("must be true or false")


def _to_number(declared: Declared, raw: object) -> int:
    setting = declared.setting
    unit = f" ({setting.unit})" if setting.unit else ""
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise ValueError
        number = int(raw)
    except ValueError:
        raise ValueError(f"must be a whole number{unit}") from None
    if setting.minimum is not None and number < setting.minimum:
        raise ValueError(f"must be at least {setting.minimum}{unit}")
    if setting.maximum is not None and number > setting.maximum:
        raise ValueError(f"must be at most {setting.maximum}{unit}")
    return number


def _as_text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
