"""All commands of the API, found by name."""

from collections.abc import Iterable

from consoleproxy.management.api.call import Command, CommandGroup


class Commands:
    """The commands of several groups."""

    def __init__(self, groups: Iterable[CommandGroup]) -> None:
        self._commands = {
            name.lower(): command for group in groups for name, command in group.commands().items()
        }

    def find(self, command: str) -> Command | None:
        """Return the command of that name, in any letter case."""
        return self._commands.get(command.lower())
