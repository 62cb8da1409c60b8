"""What an agent remembers from one run to the next: its number, and the servers it was told of."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from consoleproxy.agent.hosts import HostList


@dataclass(frozen=True, slots=True)
class AgentState:
    """Args:
    host_id: the agent's number; 0 where it has none yet.
    servers: as the management server listed them; ``None`` where it did not.
    """

    host_id: int = 0
    servers: HostList | None = None


class StateFile:
    """A JSON file; one that is missing or damaged is an agent's first run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> AgentState:
        """Return what was remembered."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            host_id, servers = content["hostId"], content["servers"]
            if type(host_id) is not int or not isinstance(servers, str):
                return AgentState()
            return AgentState(host_id, HostList.parse(servers) if servers else None)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return AgentState()

    def save(self, state: AgentState) -> None:
        """Remember this.

        Raises:
            OSError: the disk.
        """
        servers = str(state.servers) if state.servers else ""
        written = self._path.with_suffix(".new")
        written.write_text(
            json.dumps({"hostId": state.host_id, "servers": servers}), encoding="utf-8"
        )
        os.replace(written, self._path)
