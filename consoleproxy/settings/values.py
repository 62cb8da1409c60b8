"""A setting's value, read from what a source has."""

from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Declared

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def read_value(declared: Declared, raw: object) -> str | int | bool:
    """Return a value of the setting's type, inside its range.

    Raises:
        ValueError: what it must be.
    """
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


def checked_value(declared: Declared, text: str) -> str | int | bool:
    """Return a value that can be used, as ``read_value`` does; of texts it is tried, too.

    Raises:
        ValueError: what it must be.
    """
    value = read_value(declared, text)
    if declared.setting.check is not None and isinstance(value, str):
        try:
            declared.setting.check(value)
        except SettingsInvalid as error:
            named = f"{declared.setting.name}: "
            problems = (problem.removeprefix(named) for problem in error.problems)
            raise ValueError("; ".join(problems)) from None
    return value


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
