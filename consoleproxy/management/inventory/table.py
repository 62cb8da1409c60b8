"""One TOML table, read key by key; all that is wrong with it is collected."""

from collections.abc import Collection, Mapping
from typing import Any


class TableReader:
    """Reads values and notes faults, so that whoever wrote the table hears of all at once.

    Args:
        where: what the table is called in faults.
    """

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self._table = table
        self._where = where
        self.problems: list[str] = []

    def fault(self, problem: str) -> None:
        """Note a fault."""
        self.problems.append(f"{self._where}: {problem}")

    def check_keys(self, known: Collection[str]) -> None:
        """Note the keys that are none."""
        for key in self.unknown(known):
            self.fault(f"{key} is unknown; a vm has {', '.join(known)}")

    def unknown(self, known: Collection[str]) -> list[str]:
        """Return the keys of the table that are none of these."""
        return [key for key in self._table if key not in known]

    def given(self, keys: Collection[str]) -> list[str]:
        """Return those of the keys that the table has."""
        return [key for key in keys if key in self._table]

    def value(self, key: str) -> object:
        """Return what stands there; None for nothing."""
        return self._table.get(key)

    def text(self, key: str, remedy: str) -> str:
        """Return a text that must be there, without blanks around it; empty if it is not."""
        value = self._table.get(key, "")
        if not isinstance(value, str) or not value.strip():
            self.fault(f"{key} must be a text that is not empty: {remedy}")
            return ""
        return value.strip()

    def optional(self, key: str) -> str:
        """Return a text as it stands; empty if there is none."""
        value = self._table.get(key, "")
        if not isinstance(value, str):
            self.fault(f"{key} must be a text: put it in quotes")
            return ""
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return one of the texts, whose letter case does not count; the first by default."""
        value = self._table.get(key, allowed[0])
        for choice in allowed:
            if isinstance(value, str) and value.lower() == choice.lower():
                return choice
        self.fault(f"{key} {value!r} is unknown: use one of {', '.join(allowed)}")
        return allowed[0]
