"""API commands about settings: ``listConfigurations``, ``updateConfiguration`` and its undoing."""

from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.call import ADMINS, Answer, Call, Command, page_of
from consoleproxy.management.api.parameters import KEYWORD, PAGE, Parameter
from consoleproxy.management.configuration.changes import Changes, changeable_setting
from consoleproxy.management.configuration.entries import entries, entry_of
from consoleproxy.settings import Declared

_SCOPES = ("zoneid", "clusterid", "storageid", "imagestoreuuid", "domainid", "accountid")
_SCOPED = tuple(Parameter(name, "refused: a setting has one value") for name in _SCOPES)
_LONGEST_VALUE = 65_535


@dataclass(frozen=True, slots=True)
class ConfigurationCommands:
    """What the commands work on."""

    changes: Changes

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "listConfigurations": Command(
                self.list_configurations,
                ADMINS,
                "Lists settings with their values.",
                (
                    Parameter("name", "only this one"),
                    Parameter("category", "only those of this category"),
                    Parameter("group", "only those of this group"),
                    KEYWORD,
                    *_SCOPED,
                    *PAGE,
                ),
            ),
            "updateConfiguration": Command(
                self.update_configuration,
                ADMINS,
                "Changes a setting everywhere.",
                (
                    Parameter("name", "of the setting", required=True),
                    Parameter("value", "its new value", length=_LONGEST_VALUE),
                    *_SCOPED,
                ),
            ),
            "resetConfiguration": Command(
                self.reset_configuration,
                ADMINS,
                "Takes a setting back to what each process has by its own sources.",
                (Parameter("name", "of the setting", required=True), *_SCOPED),
            ),
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
                for entry in entries(self.changes.follow.live.settings)
                if name in ("", entry.name)
                and keyword in entry.name.lower()
                and category in ("", entry.category.lower())
                and group in ("", entry.group.lower())
            ],
        )

    async def update_configuration(self, call: Call) -> Answer:
        """``updateConfiguration``: let ``name`` have ``value`` from now on, everywhere."""
        name = _name(call)
        if "value" not in call.parameters:
            raise ManagementRequestRefused(
                431,
                f"Unable to execute API command updateConfiguration due to missing parameter "
                f"value; resetConfiguration takes {name} back to what each process has",
            )
        return self._entry(await self.changes.put(name, call.text("value"), _caller(call)))

    async def reset_configuration(self, call: Call) -> Answer:
        """``resetConfiguration``: each process goes by its own sources for ``name`` again."""
        return self._entry(await self.changes.reset(_name(call), _caller(call)))

    def _entry(self, declared: Declared) -> Answer:
        return {"configuration": entry_of(declared, self.changes.follow.live.settings).answer()}


def _name(call: Call) -> str:
    """Return which setting is to be changed.

    Raises:
        ManagementRequestRefused: 431, it cannot be changed over the API.
    """
    name = call.required("name")
    _refuse_scopes(call)
    return changeable_setting(name).setting.name


def _caller(call: Call) -> str:
    return f"{call.account} at {call.source_address}"


def _refuse_scopes(call: Call) -> None:
    for scope in _SCOPES:
        if call.text(scope):
            raise ManagementRequestRefused(
                431, f"{scope}: a setting has one value here, for all proxies; leave it out"
            )
