from collections.abc import Mapping

import pytest

from consoleproxy.management.api.call import ADMINS, Answer, Call, Command
from consoleproxy.management.api.commands import Commands, is_repeatable


async def _nothing(_: Call) -> Answer:
    return {}


class _Group:
    def __init__(self, *names: str) -> None:
        self._names = names

    def commands(self) -> Mapping[str, Command]:
        return {name: Command(_nothing, ADMINS, "", ()) for name in self._names}


def test_commands_are_found_in_any_letter_case() -> None:
    commands = Commands([_Group("listThings"), _Group("makeThing", "endThing")])
    found = commands.find("MAKETHING")
    assert found is not None
    assert found.run is _nothing
    assert commands.find("listthings") is not None
    assert commands.find("list") is None


@pytest.mark.parametrize(
    ("name", "repeatable"),
    [
        *(("listVirtualMachines", True), ("QUERYasyncJobResult", True), ("getUploadParams", True)),
        *(("createConsoleEndpoint", False), ("unlist", False), ("", False), ("list x", False)),
    ],
)
def test_what_only_shows_something(name: str, repeatable: bool) -> None:
    assert is_repeatable(name) is repeatable
