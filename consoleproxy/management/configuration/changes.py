"""Changing a setting: the same rules for the API and for the operator's pages."""

import logging
from dataclasses import dataclass
from functools import partial

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.entries import why_not_here
from consoleproxy.management.configuration.follow import Follow
from consoleproxy.management.records.settings import forget_setting, store_setting
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Declared, declared_settings
from consoleproxy.settings.elsewhere import FOREIGN
from consoleproxy.settings.values import checked_value

_log = logging.getLogger(__name__)

_DECLARED = {declared.setting.name: declared for declared in declared_settings()}
_FOREIGN = {foreign.name: foreign for foreign in FOREIGN}
_LONGEST_VALUE = 4096


@dataclass(frozen=True, slots=True)
class Changes:
    """Stores what an administrator changes, and lets it count here at once."""

    database: Database
    follow: Follow

    async def put(self, name: str, text: str, who: str) -> Declared:
        """Let a setting have this value from now on, everywhere.

        Args:
            who: changes it, for the log.

        Raises:
            ManagementRequestRefused: 431, it cannot be changed, or not to this; 530, the database
                does not answer.
        """
        declared = changeable_setting(name)
        value = _value(declared, text)
        store = partial(store_setting, name=name, value=value, sealer=self.follow.sealer)
        await self.database.run(store)
        await self.follow.look()
        shown = "***" if declared.setting.secret else value
        _log.warning("setting %s is %s now, set by %s", name, shown, who)
        return declared

    async def reset(self, name: str, who: str) -> Declared:
        """Let each process go by its own sources for a setting again.

        Raises:
            ManagementRequestRefused: as ``put``.
        """
        declared = changeable_setting(name)
        await self.database.run(partial(forget_setting, name=name))
        await self.follow.look()
        _log.warning("setting %s is as each process has it again, reset by %s", name, who)
        return declared


def changeable_setting(name: str) -> Declared:
    """Return the setting of that name, which can be changed while everything runs.

    Raises:
        ManagementRequestRefused: 431, there is none.
    """
    if foreign := _FOREIGN.get(name):
        raise ManagementRequestRefused(431, f"{name} does nothing here: {foreign.why}")
    declared = _DECLARED.get(name)
    if declared is None:
        raise ManagementRequestRefused(
            431, f"there is no setting {name[:100]}; listConfigurations has all of them"
        )
    if not declared.setting.changeable:
        raise ManagementRequestRefused(
            431, f"{name} is not set over the API, as {why_not_here(declared.setting)}"
        )
    return declared


def _value(declared: Declared, text: str) -> str:
    """Return a value as it is stored.

    Raises:
        ManagementRequestRefused: 431, it is none that the setting can have.
    """
    name = declared.setting.name
    if len(text) > _LONGEST_VALUE:
        raise ManagementRequestRefused(431, f"{name}: at most {_LONGEST_VALUE} letters")
    try:
        return declared.written(checked_value(declared, text))
    except ValueError as error:
        raise ManagementRequestRefused(431, f"{name}: {error}") from None
