"""Keeps an observer going for one hypervisor, and tells what it sees."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from typing import cast

from consoleproxy.management.inventory.libvirt.messages import Complete, Lost, Note, decode
from consoleproxy.management.inventory.libvirt.uri import shown_uri
from consoleproxy.management.inventory.machines import VirtualMachine

_log = logging.getLogger(__name__)

_OBSERVER = "consoleproxy.management.inventory.libvirt.observer"
_LINE_BYTES = 1024 * 1024
# libvirt itself waits for 30 s for a domain that is busy.
_SILENCE_SECONDS = 45.0
_STOP_SECONDS = 3.0
_PAUSES = (1.0, 30.0)
# Consoles go on, and open, while libvirtd restarts or is repaired.
_KEPT_SECONDS = 900.0


class LibvirtFollower:
    """Follows one hypervisor; one that is lost is tried again, with pauses from 1 s to 30 s.

    ``settled`` is set once the hypervisor has answered, or was found not to.

    Args:
        uri: of libvirt.
        take: called with all its machines whenever one changes, and whether the connection lives;
            with none when it has been lost for 15 minutes.
    """

    def __init__(self, uri: str, take: Callable[[Sequence[VirtualMachine], bool], None]) -> None:
        self._uri = uri
        self._name = shown_uri(uri)
        self._take = take
        self._machines: Sequence[VirtualMachine] = ()
        # Why it could not be asked since it last answered; empty while it does.
        self._causes: set[str] = set()
        self._noted: set[str] = set()
        self._pause = _PAUSES[0]
        self._forgetting: asyncio.TimerHandle | None = None
        self.settled = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                self._lost(await self._observe())
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, _PAUSES[1])
        finally:
            if self._forgetting is not None:
                self._forgetting.cancel()

    async def _observe(self) -> str:
        """Follow one connection to its end; return the cause."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", _OBSERVER, self._uri),
                stdin=PIPE,
                stdout=PIPE,
                limit=_LINE_BYTES,
                # Whoever asks for a password on the terminal, as ssh does, finds none.
                start_new_session=True,
            )
        except OSError as error:
            return f"no observer can be started: {error.strerror}"
        try:
            return await self._read(cast(asyncio.StreamReader, process.stdout))
        finally:
            await _end(process)

    async def _read(self, output: asyncio.StreamReader) -> str:
        machines: list[VirtualMachine] = []
        while True:
            try:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    line = await output.readline()
                message = decode(line) if line else Lost("its observer ended")
            except TimeoutError:
                return f"it did not answer for {_SILENCE_SECONDS:g} s"
            except ValueError as error:
                return str(error)
            match message:
                case VirtualMachine():
                    machines.append(message)
                case Complete():
                    self._seen(machines)
                    machines = []
                case Note() if message.text not in self._noted:
                    self._noted.add(message.text)
                    _log.warning("libvirt %s: %s", self._name, message.text)
                case Lost():
                    return message.cause

    def _seen(self, machines: list[VirtualMachine]) -> None:
        if self._causes or not self.settled.is_set():
            _log.info("libvirt %s has %s", self._name, _counted(machines))
        self._causes.clear()
        self._pause = _PAUSES[0]
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
        self._machines = machines
        self._take(machines, True)
        self.settled.set()

    def _lost(self, cause: str) -> None:
        if cause not in self._causes:
            _log.warning("libvirt %s cannot be asked: %s", self._name, cause)
        if not self._causes:
            self._take(self._machines, False)
            if self._machines:
                kept = _KEPT_SECONDS // 60
                stay = _counted(self._machines)
                _log.warning("libvirt %s: %s stay as they were for %d min", self._name, stay, kept)
                loop = asyncio.get_running_loop()
                self._forgetting = loop.call_later(_KEPT_SECONDS, self._forget)
        self._causes.add(cause)
        self.settled.set()

    def _forget(self) -> None:
        _log.error("libvirt %s is lost for too long: its machines are gone", self._name)
        self._machines = ()
        self._take((), False)


def _counted(machines: Sequence[VirtualMachine]) -> str:
    return "1 machine" if len(machines) == 1 else f"{len(machines)} machines"


async def _end(process: Process) -> None:
    """End an observer: in good order, or by force where libvirt hangs."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.communicate()
    except TimeoutError:
        # With it whatever libvirt started to get through, e.g. ssh.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
