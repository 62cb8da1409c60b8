"""A contestant: one proxy as a process tree of its own in front of the guest's port."""

import os
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from benchmarks.peers.certificate import Certificate
from benchmarks.process import Tree
from tests.waiting import free_port, wait_for

_STOP_SECONDS = 5
_LAST_LINES = 20


class Peer(ABC):
    """Something to connect to that leads to the guest; a context manager that ends it.

    ``name`` is its column. ``raw`` says that it speaks RFB on a plain connection, without a
    websocket. ``most_sessions`` is how many it can hold at once at most, where that is few.
    ``tree`` has its processes; None where there are none.

    Args:
        guest_port: where the guest listens on loopback.
        certificate: to speak TLS with; None: not at all.
    """

    name: ClassVar[str]
    raw: ClassVar[bool] = False
    most_sessions: ClassVar[int | None] = None
    port: int
    tree: Tree | None = None

    def __init__(self, guest_port: int, certificate: Certificate | None = None) -> None:
        self.guest_port = guest_port
        self.certificate = certificate

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    def missing(cls) -> str | None:
        """Return why it cannot run here, or None if it can."""
        return None

    def targets(self, count: int) -> Sequence[str]:
        """Return request targets, each good for one session; none if any will do for all."""
        del count
        return ()

    def last_words(self) -> str:
        """Return the end of its log, for who wants to know why something failed."""
        return ""

    @abstractmethod
    def stop(self) -> None:
        """End all of its processes; stopping twice does nothing."""


class Direct(Peer):
    """The guest itself: what load generator and guest reach without a proxy."""

    name = "direct"
    raw = True

    def __init__(self, guest_port: int, certificate: Certificate | None = None) -> None:
        super().__init__(guest_port, certificate)
        self.port = guest_port

    def stop(self) -> None:
        return


class Proxy(Peer):
    """A process tree of its own."""

    def __init__(self, guest_port: int, certificate: Certificate | None = None) -> None:
        super().__init__(guest_port, certificate)
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.folder = Path(self._folder.name)
        self._log = self.folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # All that it starts can be ended together then, whoever is its parent by now.
                start_new_session=True,
            )
        self.tree = Tree(self._process.pid)
        try:
            wait_for(self._listens, f"{self.name} to listen")
        except BaseException:
            self.stop()
            raise

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line that starts it."""

    def last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])

    def stop(self) -> None:
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            finally:
                self._signal(signal.SIGKILL)
                self._process.wait()
        self._folder.cleanup()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _listens(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended at once:\n{self.last_words()}")
        listening = f":{self.port:04X} 00000000:0000 0A"
        return listening in Path("/proc/net/tcp").read_text(encoding="ascii")
