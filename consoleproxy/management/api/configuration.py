"""API commands about settings: ``listConfigurations``, ``updateConfiguration`` and its undoing."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.call import Answer, Call, Command, page_of
from consoleproxy.management.configuration.entries import entries, entry_of, why_not_here
from consoleproxy.management.configuration.follow import Follow
from consoleproxy.management.records.settings import forget_setting, store_setting
from consoleproxy.management.storage.database import Database
from consoleproxy.settings import Declared, declared_settings
from consoleproxy.settings.elsewhere import FOREIGN
from consoleproxy.settings.values import checked_value

_log = logging.getLogger(__name__)

_DECLARED = {declared.setting.name: declared for declared in declared_settings()}
_FOREIGN = {foreign.name: foreign for foreign in FOREIGN}
_SCOPES = ("zoneid", "clusterid", "storageid", "imagestoreuuid", "domainid", "accountid")
_LONGEST_VALUE = 4096


@dataclass(frozen=True, slots=True)
class ConfigurationCommands:
    """What the commands work on."""

    database: Database
    follow: Follow

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "listConfigurations": Command(self.list_configurations),
            "updateConfiguration": Command(self.update_configuration),
            "resetConfiguration": Command(self.reset_configuration),
        }

    async def list_configurations(self, call: Call) -> Answer:
        """``listConfigurations``, by ``name``, ``keyword``, ``category`` or ``group``."""
        _refuse_scopes(call)
        name, keyword = call.text("name"), call.text("keyword").lower()
        category, group = call.text("category").lower(), call.text("group").lower()
        return page_of(
            call,
            "configuration",
            [
                entry.answer()
                for entry in entries(self.follow.live.settings)
                if name in ("", entry.name)
                and keyword in entry.name.lower()
                and category in ("", entry.category.lower())
                and group in ("", entry.group.lower())
            ],
        )

    async def update_configuration(self, call: Call) -> Answer:
        """``updateConfiguration``: let ``name`` have ``value`` from now on, everywhere."""
        declared = _changeable(call)
        value = _value(call, declared)
        name = declared.setting.name
        await self.database.run(partial(store_setting, name=name, value=value))
        await self.follow.look()
        _log.warning(
            "setting %s is %s now, set by %s at %s", name, value, call.account, call.source_address
        )
        return self._entry(declared)

    async def reset_configuration(self, call: Call) -> Answer:
        """``resetConfiguration``: each process goes by its own sources for ``name`` again."""
        declared = _changeable(call)
        name = declared.setting.name
        await self.database.run(partial(forget_setting, name=name))
        await self.follow.look()
        _log.warning(
            "setting %s is as each process has it again, reset by %s at %s",
            name,
            call.account,
            call.source_address,
        )
        return self._entry(declared)

    def _entry(self, declared: Declared) -> Answer:
        return {"configuration": entry_of(declared, self.follow.live.settings).answer()}


def _changeable(call: Call) -> Declared:
    """Return the setting that is to be changed.

    Raises:
        ManagementRequestRefused: 431, it cannot be changed over the API.
    """
    name = call.required("name")
    _refuse_scopes(call)
    if foreign := _FOREIGN.get(name):
        raise ManagementRequestRefused(431, f"{name} does nothing here: {foreign.why}")
    declared = _DECLARED.get(name)
    if declared is None:
        raise ManagementRequestRefused(
            431, f"there is no setting {name[:100]}; listConfigurations has all of them"
        )
    if not declared.setting.changeable or declared.setting.secret:
        raise ManagementRequestRefused(
            431, f"{name} is not set over the API, as {why_not_here(declared.setting)}"
        )
    return declared


def _value(call: Call, declared: Declared) -> str:
    """Return the value as it is stored.

    Raises:
        ManagementRequestRefused: 431, it is none that the setting can have.
    """
    name = declared.setting.name
    if "value" not in call.parameters:
        raise ManagementRequestRefused(
            431,
            f"Unable to execute API command updateConfiguration due to missing parameter value; "
            f"resetConfiguration takes {name} back to what each process has",
        )
    text = call.text("value")
    if len(text) > _LONGEST_VALUE:
        raise ManagementRequestRefused(431, f"{name}: at most {_LONGEST_VALUE} letters")
    try:
        return declared.written(checked_value(declared, text))
    except ValueError as error:
        raise ManagementRequestRefused(431, f"{name}: {error}") from None


def _refuse_scopes(call: Call) -> None:
    for scope in _SCOPES:
        if call.text(scope):
            raise ManagementRequestRefused(
                431, f"{scope}: a setting has one value here, for all proxies; leave it out"
            )
