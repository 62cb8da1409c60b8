"""All commands of the API, found by name."""

import re
from collections.abc import Iterable

from consoleproxy.management.api.call import Command, CommandGroup

# As CloudStack tells them (its setting enforce.post.requests.and.timestamps).
_REPEATABLE = re.compile(r"(list|query|get|find)\w*", re.ASCII | re.IGNORECASE)


def is_repeatable(command: str) -> bool:
    """Whether a command only shows something, going by its name, and may be sent again."""
    return _REPEATABLE.fullmatch(command) is not None


class Commands:
    """The commands of several groups."""

    def __init__(self, groups: Iterable[CommandGroup]) -> None:
        self._commands = {
            name.lower(): command for group in groups for name, command in group.commands().items()
        }

    def find(self, command: str) -> Command | None:
        """Return the command of that name, in any letter case."""
        return self._commands.get(command.lower())
