"""The programs that are compared, each a process of its own, with a console URL to connect to."""

import os
import subprocess
import sys
import tempfile
import uuid
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from consoleproxy.endpoint import cloudstack
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from tests.waiting import free_port, wait_for

_TICKS = os.sysconf("SC_CLK_TCK")


class Contestant(ABC):
    """A running proxy in front of a guest's port."""

    name: str

    def __init__(self, guest_port: int) -> None:
        self.guest_port = guest_port
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.folder = Path(self._folder.name)
        self._process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self._listens, f"{self.name} to listen")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line that starts it."""

    @abstractmethod
    def url(self) -> str:
        """Return a URL for one console."""

    def pin(self, cores: set[int]) -> None:
        """Keep the process, and the children that it makes from now on, on these cores."""
        os.sched_setaffinity(self._process.pid, cores)

    def cpu_seconds(self) -> float:
        """Return what the process and its children have used so far."""
        listed = subprocess.run(
            ["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=False
        )
        return sum(_cpu_seconds(pid) for pid in [str(self._process.pid), *listed.stdout.split()])

    def _listens(self) -> bool:
        wanted = f":{self.port:04X} 00000000:0000 0A"
        return wanted in Path("/proc/net/tcp").read_text(encoding="ascii")


class ConsoleProxy(Contestant):
    """This project, as it is deployed: token, RFB login, relay."""

    name = "consoleproxy"

    def command(self) -> list[str]:
        self._keys = EncryptionKeys.generate()
        keys = self.folder / "keys"
        keys.write_text(self._keys.to_json(), encoding="utf-8")
        settings = {
            "consoleproxy.management.url": "",
            "consoleproxy.token.key.file": keys,
            "consoleproxy.listen.address": "127.0.0.1",
            "consoleproxy.port": self.port,
            "consoleproxy.cmd.port": free_port(),
            "consoleproxy.hypervisor.allowed": "127.0.0.1",
        }
        options = [
            text for name, value in settings.items() for text in ("--set", f"{name}={value}")
        ]
        return [sys.executable, "-m", "consoleproxy", "serve", *options]

    def url(self) -> str:
        endpoint = ConsoleEndpoint(
            session_uuid=str(uuid.uuid4()),
            vm_uuid=str(uuid.uuid4()),
            host="127.0.0.1",
            port=self.guest_port,
        )
        return f"http://127.0.0.1:{self.port}/?token={cloudstack.encode(endpoint, self._keys)}"


class Websockify(Contestant):
    """websockify as it is installed, with numpy: no token, no RFB, a process a connection."""

    name = "websockify"

    def command(self) -> list[str]:
        program = Path(sys.executable).with_name("websockify")
        return [str(program), f"127.0.0.1:{self.port}", f"127.0.0.1:{self.guest_port}"]

    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/?token=none"


CONTESTANTS: tuple[type[Contestant], ...] = (ConsoleProxy, Websockify)


def _cpu_seconds(pid: str) -> float:
    try:
        fields = Path("/proc", pid, "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
