"""The compiled programs of a measurement: the load generator, and the guest end.

Both are built by ``build`` from ``native/``. The load generator says "ready" when all sessions are
there and warm, "start" and "end" at both sides of its window; whoever measures the proxy's
processes may look at them at these moments.
"""

import fcntl
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar

from benchmarks.found import Down, Echo, Idle, Keys, Opened, Slow, Up

_NATIVE = Path(__file__).with_name("native")
_BUILD = _NATIVE / "build"


class LoadFailed(Exception):
    """A measurement that failed; the text says at what."""


class Moment(StrEnum):
    """When a measurement tells of itself."""

    READY = "ready"
    START = "start"
    END = "end"


Watcher = Callable[[Moment], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the load generator reaches consoles.

    Args:
        port: of the proxy on 127.0.0.1, or of the guest.
        guest_port: of the guest, which counts what reaches it.
        targets: HTTP request targets; each session uses one up. Empty: all ask for ``/websockify``.
        raw: RFB over TCP, without a websocket.
        tls: wss, or TLS around RFB.
    """

    port: int
    guest_port: int
    targets: Sequence[str] = ()
    raw: bool = False
    tls: bool = False


_Found = TypeVar("_Found", bound=Down | Up | Echo | Opened | Idle | Slow | Keys)


def build() -> None:
    """Compile what is not up to date; one at a time, whoever else does.

    Raises:
        LoadFailed: the compiler's complaint, or make is missing.
    """
    _BUILD.mkdir(exist_ok=True)
    try:
        with (_BUILD / ".lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(
                ["make", "-C", _NATIVE, "--silent"], check=True, capture_output=True, text=True
            )
    except subprocess.CalledProcessError as error:
        raise LoadFailed(f"make -C {_NATIVE.name}: {error.stderr}") from error
    except FileNotFoundError as error:
        raise LoadFailed("make is missing") from error


class Guest:
    """A running guest end; a context manager.

    Raises:
        LoadFailed: it did not start.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [_BUILD / "guest"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if not told:
            raise LoadFailed(f"the guest end ended with status {self._process.wait()}")
        self.port = int(json.loads(told)["port"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def down(
    way: Way,
    *,
    sessions: int = 1,
    write: int = 65536,
    rate: int = 0,
    seconds: float = 1.0,
    watch: Watcher | None = None,
) -> Down:
    """Let sessions stream.

    Args:
        write: bytes of the guest's writes.
        rate: KiB/s of each session; 0: flat out.

    Raises:
        LoadFailed: a session failed.
    """
    options = {"sessions": sessions, "write": write, "rate": rate, "seconds": seconds}
    return _run(Down, "down", way, options, watch)


def up(way: Way, *, sessions: int = 1, seconds: float = 1.0, watch: Watcher | None = None) -> Up:
    """Send small frames as fast as they are taken.

    Raises:
        LoadFailed: a session failed.
    """
    return _run(Up, "up", way, {"sessions": sessions, "seconds": seconds}, watch)


def echo(
    way: Way,
    *,
    busy: int = 0,
    rate: int = 0,
    seconds: float = 1.0,
    watch: Watcher | None = None,
) -> Echo:
    """Send small frames to the guest and back, one at a time.

    Args:
        busy: sessions that stream meanwhile.
        rate: KiB/s of each of them; 0: flat out.

    Raises:
        LoadFailed: a session failed.
    """
    return _run(Echo, "echo", way, {"busy": busy, "rate": rate, "seconds": seconds}, watch)


def opened(
    way: Way, *, flight: int = 16, seconds: float = 1.0, watch: Watcher | None = None
) -> Opened:
    """Open consoles and close them, some at a time; ``way`` needs a target for each.

    Raises:
        LoadFailed: a console did not open, or did not close in good order.
    """
    return _run(Opened, "open", way, {"flight": flight, "seconds": seconds}, watch)


def idle(way: Way, *, sessions: int, seconds: float = 1.0, watch: Watcher | None = None) -> Idle:
    """Hold sessions in which nothing happens, and ask all of them at the end.

    Raises:
        LoadFailed: a session did not open.
    """
    return _run(Idle, "idle", way, {"sessions": sessions, "seconds": seconds}, watch)


def slow(
    way: Way,
    *,
    sessions: int = 1,
    rate: int = 0,
    seconds: float = 1.0,
    watch: Watcher | None = None,
) -> Slow:
    """Let sessions stream to viewers who stop reading after a mebibyte.

    Args:
        rate: KiB/s of each session; 0: flat out.

    Raises:
        LoadFailed: a session failed before its viewer stopped.
    """
    options = {"sessions": sessions, "rate": rate, "seconds": seconds}
    return _run(Slow, "slow", way, options, watch)


def keys(way: Way, *, rate: int, seconds: float = 1.0, watch: Watcher | None = None) -> Keys:
    """Press a key every 50 ms while the screen streams flat out.

    Args:
        rate: KiB/s that the browser reads; 0: flat out.

    Raises:
        LoadFailed: the session failed.
    """
    return _run(Keys, "key", way, {"rate": rate, "seconds": seconds}, watch)


def _run(
    kind: type[_Found],
    mode: str,
    way: Way,
    options: Mapping[str, float],
    watch: Watcher | None,
) -> _Found:
    """Return the results of one run of the load generator."""
    with _targets_file(way.targets) as targets:
        command = [str(_BUILD / "load"), mode, "--wait", *targets]
        command += ["--port", str(way.port), "--guest-port", str(way.guest_port)]
        command += ["--raw"] * way.raw + ["--tls"] * way.tls
        command += [text for name, value in options.items() for text in (f"--{name}", str(value))]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                found = _follow(process, mode, watch)
            finally:
                process.terminate()
    return kind(**{field.name: found[field.name] for field in fields(kind)})


def _follow(process: subprocess.Popen[str], mode: str, watch: Watcher | None) -> Mapping[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    for line in process.stdout:
        told: Mapping[str, Any] = json.loads(line)
        if told["event"] == "error":
            raise LoadFailed(f"{mode}: {told['reason']}")
        moment = Moment(told["event"])
        if watch is not None:
            watch(moment)
        if moment is Moment.READY:
            process.stdin.write("\n")
            process.stdin.flush()
        if moment is Moment.END:
            return told
    raise LoadFailed(f"{mode}: the load generator ended with status {process.wait()}")


@contextmanager
def _targets_file(targets: Sequence[str]) -> Iterator[list[str]]:
    """Yield the option that names a file with the targets; tokens are for nobody else to read."""
    if not targets:
        yield []
        return
    with tempfile.NamedTemporaryFile("w", prefix="bench-targets-") as file:
        file.write("".join(f"{target}\n" for target in targets))
        file.flush()
        yield ["--targets", file.name]
