"""A QEMU guest for the demo."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from consoleproxy.errors import GuestNotStarted
from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.boot import BOOT_SECTOR

QEMU = "qemu-system-x86_64"

_HOST = "127.0.0.1"
_START_SECONDS = 15.0
_STOP_SECONDS = 3.0
_LOOK_SECONDS = 0.02


@asynccontextmanager
async def qemu_guest(password: str) -> AsyncIterator[GuestAddress]:
    """Run a guest for as long as the context is open.

    Raises:
        GuestNotStarted: QEMU ended at once, or did not answer.
    """
    with tempfile.TemporaryDirectory(prefix="consoleproxy-guest-") as name:
        folder = Path(name)
        (folder / "boot").write_bytes(BOOT_SECTOR)
        process = await _start(folder)
        try:
            port = await _set_up(process, folder / "monitor", password)
            yield GuestAddress(_HOST, port, password, f"QEMU, process {process.pid}")
        finally:
            await _stop(process)


async def _start(folder: Path) -> asyncio.subprocess.Process:
    # TCG: a guest this small is up before an accelerator would be.
    return await asyncio.create_subprocess_exec(
        *(QEMU, "-accel", "tcg", "-nodefaults", "-vga", "std", "-m", "16", "-display", "none"),
        *("-drive", f"file={folder / 'boot'},format=raw,if=floppy,readonly=on"),
        *("-vnc", f"{_HOST}:100,to=399,password=on"),
        *("-qmp", f"unix:{folder / 'monitor'},server=on,wait=off"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C is for us, who stop it when all sessions are closed.
        start_new_session=True,
    )


async def _set_up(process: asyncio.subprocess.Process, monitor: Path, password: str) -> int:
    """Set the password and return the VNC port."""
    try:
        async with asyncio.timeout(_START_SECONDS):
            reader, writer = await _connect(process, monitor)
    except TimeoutError:
        raise GuestNotStarted("QEMU did not answer; try again without it on the PATH") from None
    try:
        await reader.readline()
        await _ask(reader, writer, "qmp_capabilities")
        await _ask(reader, writer, "set_password", protocol="vnc", password=password)
        return int((await _ask(reader, writer, "query-vnc"))["service"])
    finally:
        writer.close()
        await writer.wait_closed()


async def _connect(
    process: asyncio.subprocess.Process, monitor: Path
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while process.returncode is None:
        try:
            return await asyncio.open_unix_connection(str(monitor))
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(_LOOK_SECONDS)
    said = (await process.stderr.read()).decode(errors="replace") if process.stderr else ""
    raise GuestNotStarted(f"QEMU ended: {said.strip()}")


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str, **arguments: str
) -> Any:
    writer.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
    while line := await reader.readline():
        answer = json.loads(line)
        if "return" in answer:
            return answer["return"]
        if "error" in answer:
            raise GuestNotStarted(f"QEMU refused {command}: {answer['error'].get('desc')}")
    raise GuestNotStarted(f"QEMU ended during {command}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
