"""``python -m consoleproxy.management.inventory.libvirt.observer URI``: tells what libvirt has.

A program of its own, for one connection: it writes ``messages`` to standard output, and ends when
the connection is lost or its standard input is closed, by whatever end of the management server.
"""

import contextlib
import datetime
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import libvirt

from consoleproxy.management.inventory.libvirt.look import Look
from consoleproxy.management.inventory.libvirt.messages import (
    Alive,
    Complete,
    Lost,
    Message,
    Note,
    encode,
)
from consoleproxy.management.inventory.libvirt.restart import Restarts
from consoleproxy.management.inventory.libvirt.uri import host_of
from consoleproxy.management.inventory.machines import VirtualMachine

# A new VNC password, and its end, have no event. At 0.2 ms a domain a look costs next to nothing,
# and where it does not, one in twenty moments is what it may take.
_LOOK_SECONDS = 3.0
_SHARE = 20
# Events come in swarms: after one, a pause as long as a look, within these.
_SWARM_SECONDS = (0.02, 0.5)
_ALIVE_SECONDS = 1.0
# A host that does not answer for 15 s is lost.
_KEEPALIVE = (5, 3)
_LAST_WORDS_SECONDS = 1.0
# Where a connection has no such event, the next look finds what is new. A viewer's coming and
# going (VIR_DOMAIN_EVENT_ID_GRAPHICS) changes nothing.
_EVENTS = (
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
    libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
)
_REFUSED = (
    libvirt.VIR_ERR_OPERATION_DENIED,
    libvirt.VIR_ERR_ACCESS_DENIED,
    libvirt.VIR_ERR_AUTH_FAILED,
)


class Observer:
    """Looks at a connection's domains when libvirt says that something changed, and regularly.

    Args:
        tell: takes each message.
    """

    def __init__(self, connection: Any, host: str, tell: Callable[[Message], None]) -> None:
        self._connection = connection
        self._tell = tell
        self._woken = threading.Event()
        self._lost = ""
        self._stopped = False
        self._told: list[VirtualMachine] | None = None
        self._alive_at = 0.0
        self._restarts = Restarts()
        self._look = Look(
            connection,
            host,
            refused=lambda error: _code(error) in _REFUSED,
            gone=lambda error: _code(error) == libvirt.VIR_ERR_NO_DOMAIN,
            note=lambda text: tell(Note(text)),
            progress=self._progress,
            clock=lambda: datetime.datetime.now(datetime.UTC),
        )

    def listen(self) -> None:
        """Have libvirt tell of changes; its event loop must run."""
        # Some drivers cannot do the one or the other: looking is enough.
        with contextlib.suppress(libvirt.libvirtError):
            self._connection.setKeepAlive(*_KEEPALIVE)
        with contextlib.suppress(libvirt.libvirtError):
            self._connection.registerCloseCallback(self._closed, None)
        for event in _EVENTS:
            with contextlib.suppress(libvirt.libvirtError):
                self._connection.domainEventRegisterAny(None, event, self._changed, None)

    def run(self) -> None:
        """Look and tell until stopped or lost."""
        while not self._stopped and not self._lost:
            self._woken.clear()
            began = time.monotonic()
            try:
                machines = self._look.machines()
            except libvirt.libvirtError as error:
                self._lost = self._lost or str(error)
                break
            now = time.monotonic()
            self._report(self._restarts.bridged(machines, now))
            took = now - began
            pause = max(_LOOK_SECONDS, took * _SHARE)
            due = self._restarts.due(now)
            if self._woken.wait(pause if due is None else min(pause, due)):
                time.sleep(min(max(took, _SWARM_SECONDS[0]), _SWARM_SECONDS[1]))
        if self._lost:
            self._tell(Lost(self._lost))

    def stop(self) -> None:
        """Have ``run`` return."""
        self._stopped = True
        self._woken.set()

    def _report(self, machines: list[VirtualMachine]) -> None:
        if machines == self._told:
            self._progress()
            return
        for machine in machines:
            self._tell(machine)
        self._tell(Complete())
        self._told = machines

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._alive_at >= _ALIVE_SECONDS:
            self._alive_at = now
            self._tell(Alive())

    def _changed(self, *_event: object) -> None:
        self._woken.set()

    def _closed(self, _connection: object, reason: int, _opaque: object) -> None:
        silent = reason == libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE
        self._lost = "it does not answer" if silent else "the connection was closed"
        self._woken.set()


def main(uri: str, output: BinaryIO) -> None:
    """Observe one hypervisor until the end."""
    # Whoever started this program ends it, by its standard input.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

    def tell(message: Message) -> None:
        output.write(encode(message))
        output.flush()

    observers: list[Observer] = []
    threading.Thread(target=_await_end, args=(observers,), daemon=True).start()
    # Each error is raised as well.
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run_events, daemon=True).start()
    try:
        connection = libvirt.open(uri)
    except libvirt.libvirtError as error:
        tell(Lost(str(error)))
        return
    observer = Observer(connection, host_of(uri), tell)
    observers.append(observer)
    observer.listen()
    observer.run()
    with contextlib.suppress(libvirt.libvirtError):
        connection.close()


def _await_end(observers: list[Observer]) -> None:
    sys.stdin.buffer.read()
    for observer in observers:
        observer.stop()
        # A call into libvirt may hang.
        time.sleep(_LAST_WORDS_SECONDS)
    os._exit(0)


def _run_events() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


def _code(error: Exception) -> int | None:
    return error.get_error_code() if isinstance(error, libvirt.libvirtError) else None


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(0)
    os._exit(0)
