"""A guest in QEMU: a small PC that boots a sector, without disk or network."""

import asyncio
import json
import shutil
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.boot import BOOT_SECTOR

QEMU = "qemu-system-x86_64"

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 2.0
_MACHINE = (
    *("-accel", "tcg", "-nodefaults", "-vga", "std", "-m", "16", "-display", "none"),
    # The monitor is on our pipes: nobody else can reach it, and no file has to be waited for.
    *("-chardev", "stdio,id=monitor,signal=off", "-mon", "chardev=monitor,mode=control"),
    # QEMU looks for a free display itself, so nobody can take it in between.
    *("-vnc", f"{_LOOPBACK}:100,to=999,password=on"),
)


@asynccontextmanager
async def qemu_guest(password: str) -> AsyncIterator[GuestAddress]:
    """Run a guest that echoes keys; QEMU has ended when this is left.

    Args:
        password: for VNC Authentication, which looks at its first eight bytes.

    Raises:
        OSError: QEMU is missing, or did not start.
    """
    with _files() as files:
        with files.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *_dies_with_us(),
                QEMU,
                *_MACHINE,
                *("-drive", f"file={files.image},format=raw,if=floppy,readonly=on"),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                # Ctrl-C is for us: we stop the guest last.
                start_new_session=True,
            )
        try:
            try:
                async with asyncio.timeout(_START_SECONDS):
                    port = await _set_up(process, password)
            except (EOFError, TimeoutError, ConnectionError) as error:
                said = files.log.read_text(errors="replace").strip()
                raise ChildProcessError(f"{QEMU} did not start: {said or error}") from error
            yield GuestAddress(
                host=_LOOPBACK,
                port=port,
                password=password,
                description=f"QEMU, process {process.pid}, echoes what is typed",
            )
        finally:
            await _stop(process)


@dataclass(frozen=True, slots=True)
class _Files:
    image: Path
    log: Path


@contextmanager
def _files() -> Iterator[_Files]:
    with tempfile.TemporaryDirectory(prefix="consoleproxy-guest-") as folder:
        files = _Files(Path(folder, "boot.img"), Path(folder, "log"))
        files.image.write_bytes(BOOT_SECTOR)
        yield files


def _dies_with_us() -> tuple[str, ...]:
    """Return the command that has the kernel kill the guest if we are killed, where there is one.

    util-linux has it, so other systems than Linux do not.
    """
    setpriv = shutil.which("setpriv")
    return () if setpriv is None else (setpriv, "--pdeathsig", "KILL", "--")


async def _set_up(process: Process, password: str) -> int:
    """Set the password, without which every login fails, and return the VNC port."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    if not await process.stdout.readline():
        raise EOFError("it ended at once")
    await _execute(process, "qmp_capabilities")
    await _execute(process, "set_password", protocol="vnc", password=password)
    return int((await _execute(process, "query-vnc"))["service"])


async def _execute(process: Process, command: str, **arguments: str) -> Any:
    """Run a command of QEMU's monitor and return its answer."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 - as above
    request = {"execute": command} | ({"arguments": arguments} if arguments else {})
    process.stdin.write(json.dumps(request).encode() + b"\n")
    await process.stdin.drain()
    while line := await process.stdout.readline():
        answer = json.loads(line)
        if "error" in answer:
            raise ChildProcessError(f"{QEMU} refused {command}: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]
    raise EOFError(f"it ended at {command}")


async def _stop(process: Process) -> None:
    """Ask QEMU to end, and see to it; also where we are cancelled meanwhile."""
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await process.communicate(b'{"execute":"quit"}\n')
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
