"""Settings as the pages show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.changes import changeable_setting
from consoleproxy.management.configuration.entries import Entry


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting.

    Args:
        effect: when a change counts, in a word or two; empty where it cannot be changed here.
        changed: whether an administrator has set it, over the API or here.
    """

    name: str
    value: str
    default: str
    help: str
    effect: str
    changed: bool

    @property
    def words(self) -> str:
        """What it is searched by."""
        return f"{self.name}\n{self.value}\n{self.help}".casefold()


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings of one subject."""

    name: str
    rows: tuple[SettingRow, ...]


def setting_groups(
    entries: Iterable[Entry], changed: Mapping[str, str], text: str
) -> list[SettingGroup]:
    """Return the settings that have each word of ``text``, by group, in their order.

    Args:
        changed: those that administrators have set, by name.
    """
    words = text.casefold().split()
    groups = []
    for name, members in groupby(entries, key=lambda entry: entry.group):
        rows = tuple(
            row
            for row in (_row(entry, changed) for entry in members)
            if all(word in row.words for word in words)
        )
        if rows:
            groups.append(SettingGroup(name, rows))
    return groups


def _row(entry: Entry, changed: Mapping[str, str]) -> SettingRow:
    return SettingRow(
        name=entry.name,
        value=entry.value,
        default=entry.default,
        help=entry.help,
        effect=_effect(entry),
        changed=entry.name in changed,
    )


def _effect(entry: Entry) -> str:
    try:
        changeable_setting(entry.name)
    except ManagementRequestRefused:
        return ""
    return "at once" if entry.dynamic else "at a proxy's start"
