"""The process that workers are forked from.

It is made before there is an event loop or a thread, and never has any itself, so that it can fork
at any time; and what was imported by then is in memory once for all workers.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# They come to the whole process group, or control group; the head alone acts on them.
_FOR_THE_HEAD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Nursery:
    """Makes workers on demand, until it is closed or this process ends.

    Args:
        work: is run in each new process, with the end of a channel that was handed over.
    """

    def __init__(self, work: Callable[[socket.socket], None]) -> None:
        self._sock, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        _flush()
        # What the collector looks at, it writes to: such memory would no longer be shared.
        gc.collect()
        gc.freeze()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._sock.close()
                _be_nursery(other, work)
            finally:
                # Whatever happens, it does not go on as the head.
                os._exit(1)
        other.close()

    def fork(self, channel: socket.socket) -> None:
        """Have a new worker work on this end of a channel; it is closed here.

        Raises:
            OSError: the nursery is gone.
        """
        with channel:
            socket.send_fds(self._sock, [b"w"], [channel.fileno()])

    def close(self) -> None:
        """End the nursery; its workers end by themselves when their channels do."""
        if self._sock.fileno() >= 0:
            self._sock.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)


def _be_nursery(requests: socket.socket, work: Callable[[socket.socket], None]) -> NoReturn:
    for number in _FOR_THE_HEAD:
        signal.signal(number, _leave_to_the_head)
    # Nobody waits for workers here: the head sees the end of their channels.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _name("nursery")
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
        if not data:
            os._exit(0)
        with socket.socket(fileno=descriptors[0]) as channel:
            try:
                process = os.fork()
            except OSError:
                # The head sees the end of the channel, and asks for another one in a while.
                traceback.print_exc()
                continue
            if process == 0:
                requests.close()
                _be_worker(channel, work)


def _be_worker(channel: socket.socket, work: Callable[[socket.socket], None]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _name("worker")
    status = 1
    try:
        work(channel)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _leave_to_the_head(number: int, frame: object) -> None:
    """Do nothing, here: a program that a worker starts, as for a route, would inherit SIG_IGN."""


def _name(name: str) -> None:
    """Give this process a name of its own in listings (proc(5), ``/proc/pid/comm``)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(f"console {name}", encoding="ascii")


def _flush() -> None:
    """What is in a buffer when a process is forked would be written by both."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
