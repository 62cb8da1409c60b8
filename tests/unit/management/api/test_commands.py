from collections.abc import Mapping

from consoleproxy.management.api.call import ADMINS, Answer, Call, Command
from consoleproxy.management.api.commands import Commands


async def _nothing(_: Call) -> Answer:
    return {}


class _Group:
    def __init__(self, *names: str) -> None:
        self._names = names

    def commands(self) -> Mapping[str, Command]:
        return {name: Command(_nothing) for name in self._names}


def test_commands_are_found_in_any_letter_case() -> None:
    commands = Commands([_Group("listThings"), _Group("makeThing", "endThing")])
    found = commands.find("MAKETHING")
    assert found is not None
    assert found.run is _nothing
    assert commands.find("listthings") is not None
    assert commands.find("list") is None


def test_a_command_is_for_admins_unless_it_says_otherwise() -> None:
    assert Command(_nothing).roles == ADMINS
