"""A program with a nursery, which the tests run: forking needs a process without threads.

It obeys lines from standard input, and answers each with a line of JSON: ``fork`` a worker, ask
worker ``N`` with ``N say`` or ``N start``, let go of its channel with ``N drop``, and ``close`` the
nursery. While the file exists that the command line names, nothing can be forked.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from consoleproxy.workers.channel import channel_pair
from consoleproxy.workers.nursery import Nursery

_ROOM = 4096


def _work(channel: socket.socket) -> None:
    """Say what this process is, as often as asked; ``start`` a program, ``fail`` fails."""
    while asked := channel.recv(_ROOM):
        if asked == b"fail":
            raise RuntimeError("a worker failed")
        if asked == b"start":
            status = subprocess.run(["cat", "/proc/self/status"], capture_output=True, check=True)
            channel.send(json.dumps(status.stdout.decode()).encode())
            continue
        said = {"pid": os.getpid(), "parent": os.getppid()}
        channel.send(json.dumps(said).encode())


def _fork_unless(refused: Path) -> None:
    """Let forks fail while the file exists, as they do where there are too many processes."""
    fork = os.fork

    def fork_or_not() -> int:
        if refused.exists():
            raise BlockingIOError("too many processes")
        return fork()

    os.fork = fork_or_not


def main() -> None:
    _fork_unless(Path(sys.argv[1]))
    # What is in the buffer when a process is forked must not be written twice.
    sys.stdout.write("[")
    nursery = Nursery(_work)
    sys.stdout.write("]\n")
    sys.stdout.flush()
    channels: list[socket.socket] = []
    for line in sys.stdin:
        answer: object = None
        match line.split():
            case ["fork"]:
                ours, theirs = channel_pair()
                try:
                    nursery.fork(theirs)
                    answer = len(channels)
                    channels.append(ours)
                except OSError as error:
                    answer = type(error).__name__
                    ours.close()
                assert theirs.fileno() == -1
            case [number, "drop"]:
                channels[int(number)].close()
            case [number, asked]:
                channels[int(number)].send(asked.encode())
                answer = json.loads(channels[int(number)].recv(_ROOM) or b"null")
            case ["close"]:
                nursery.close()
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
    nursery.close()


if __name__ == "__main__":
    main()
