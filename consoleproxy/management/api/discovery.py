"""The API commands about the API: ``listApis``, ``listCapabilities``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from consoleproxy import __version__
from consoleproxy.errors import ParameterInvalid
from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, CommandGroup, listing
from consoleproxy.management.api.parameters import Parameter
from consoleproxy.management.configuration.live import Live


@dataclass(frozen=True, slots=True)
class DiscoveryCommands:
    """What the commands work on.

    Args:
        groups: the other commands.
    """

    groups: tuple[CommandGroup, ...]
    live: Live = field(repr=False)

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "listApis": Command(
                self.list_apis,
                EVERYBODY,
                "Lists the commands that the caller may use, with their parameters.",
                (Parameter("name", "only this one"),),
            ),
            "listCapabilities": Command(
                self.list_capabilities, EVERYBODY, "Tells what this server can do.", ()
            ),
        }

    async def list_apis(self, call: Call) -> Answer:
        """``listApis``, by ``name``."""
        wanted = call.text("name").lower()
        known = dict(self.commands())
        for group in self.groups:
            known |= group.commands()
        found = [
            _api(name, command)
            for name, command in sorted(known.items())
            if call.caller.role in command.roles and wanted in ("", name.lower())
        ]
        if wanted and not found:
            raise ParameterInvalid(f"API name:{call.text('name')} not found")
        return listing("api", len(found), found)

    async def list_capabilities(self, _: Call) -> Answer:
        """``listCapabilities``: what clients of CloudStack look for, as it is here."""
        settings = self.live.settings
        capability: Answer = {
            "cloudstackversion": f"consoleproxy {__version__}",
            "securitygroupsenabled": False,
            "userpublictemplateenabled": False,
            "supportELB": "false",
            "projectinviterequired": False,
            "allowusercreateprojects": False,
            "dynamicrolesenabled": False,
        }
        if settings.throttling_enabled:
            capability["apilimitinterval"] = settings.throttling_interval
            capability["apilimitmax"] = settings.throttling_max
        return {"capability": capability}


def _api(name: str, command: Command) -> Answer:
    return {
        "name": name,
        "description": command.description,
        "isasync": command.is_async,
        "related": "",
        "params": [parameter.answer() for parameter in command.takes],
        "response": [],
    }
