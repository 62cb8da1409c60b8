"""Peers that are bridges of a few lines, as one writes them oneself: Tornado, websockets, Go."""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.base import Proxy

_HERE = Path(__file__).parent


class Tornado(Proxy):
    """A Tornado ``WebSocketHandler``."""

    name = "tornado"

    def command(self) -> list[str]:
        return [sys.executable, str(_HERE / "tornado_bridge.py"), *_arguments(self)]


class Websockets(Proxy):
    """``websockets`` on uvloop."""

    name = "websockets"

    @classmethod
    def missing(cls) -> str | None:
        absent = [name for name in ("websockets", "uvloop") if not importlib.util.find_spec(name)]
        return f"{' and '.join(absent)} not installed (the extra bench)" if absent else None

    def command(self) -> list[str]:
        return [sys.executable, str(_HERE / "websockets_bridge.py"), *_arguments(self)]


class Go(Proxy):
    """Go's standard library."""

    name = "go"

    @classmethod
    def missing(cls) -> str | None:
        return None if shutil.which("go") else "go is not installed"

    def command(self) -> list[str]:
        return [str(_go_program()), *_arguments(self)]


def _arguments(peer: Proxy) -> list[str]:
    arguments = [str(peer.port), str(peer.guest_port)]
    if peer.certificate is not None:
        arguments += [str(peer.certificate.certificate), str(peer.certificate.key)]
    return arguments


@functools.cache
def _go_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bench-go-")


@functools.cache
def _go_program() -> Path:
    """Compile the bridge, once a run.

    Raises:
        subprocess.CalledProcessError: the compiler refused it.
    """
    program = Path(_go_folder().name, "gobridge")
    subprocess.run(
        ["go", "build", "-o", program, "."],
        cwd=_HERE / "gobridge",
        # Whatever is set here, it needs no module and no other compiler than this one.
        env=os.environ | {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"},
        check=True,
    )
    return program
