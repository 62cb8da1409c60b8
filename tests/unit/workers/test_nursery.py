"""Real processes: they are forked, ignore what is for the head, and end with it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_for

pytestmark = pytest.mark.server

_ROOT = Path(__file__).parents[3]
_FOR_THE_HEAD = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class _Program:
    """The program with the nursery, and what its processes are."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"
        self.no_forks = folder / "no-forks"
        with self._log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.unit.workers.program", self.no_forks],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._commands, self._answers = self.process.stdin, self.process.stdout
        self.first_line = self._answers.readline()
        (self.nursery,) = _children(self.process.pid)

    def __call__(self, command: str) -> Any:
        self._commands.write(f"{command}\n")
        self._commands.flush()
        return json.loads(self._answers.readline())

    def fork(self) -> tuple[int, int]:
        """Return the index and the process id of a new worker."""
        index = self("fork")
        return index, self(f"{index} say")["pid"]

    def log(self) -> str:
        return self._log.read_text()

    def close(self) -> None:
        family = _alive(self.nursery, *_children(self.nursery))
        self.process.kill()
        self.process.wait()
        self._commands.close()
        self._answers.close()
        wait_for(lambda: not _alive(*family), "the nursery and its workers to end")


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children")
    try:
        return [int(child) for child in text.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _alive(*processes: int) -> list[int]:
    return [process for process in processes if _state(process) not in ("", "Z")]


def _state(process: int) -> str:
    """Return the state of proc(5), such as ``S``; empty where there is no such process."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return status.rpartition(")")[2].split()[0]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[_Program]:
    program = _Program(tmp_path)
    yield program
    program.close()


def test_workers_are_the_nursery_s_children_and_named(program: _Program) -> None:
    workers = [program.fork()[1] for _ in range(3)]
    assert len(set(workers)) == 3
    assert sorted(_children(program.nursery)) == sorted(workers)
    assert program("1 say")["parent"] == program.nursery
    names = [Path(f"/proc/{one}/comm").read_text() for one in (program.nursery, workers[0])]
    assert names == ["console nursery\n", "console worker\n"]


def test_what_was_printed_before_is_printed_once(program: _Program) -> None:
    program.fork()
    assert program.first_line == "[]\n"


def test_signals_are_for_the_head(program: _Program) -> None:
    index, worker = program.fork()
    for number in _FOR_THE_HEAD:
        os.kill(program.nursery, number)
        os.kill(worker, number)
    assert program(f"{index} say")["pid"] == worker
    assert program.fork()[1] in _alive(*_children(program.nursery))


def test_what_a_worker_starts_ignores_no_signal(program: _Program) -> None:
    """A shell could not even trap one that was ignored when it began."""
    index, _ = program.fork()
    status = dict(line.split(":\t", 1) for line in program(f"{index} start").splitlines())
    ignored = int(status["SigIgn"], 16)
    # Whatever else is ignored was so before.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        assert not ignored >> (number - 1) & 1, number


def test_a_worker_ends_when_its_channel_does_and_nothing_is_left_of_it(program: _Program) -> None:
    index, worker = program.fork()
    _, other = program.fork()
    program(f"{index} drop")
    wait_for(lambda: _state(worker) == "", "the worker to end, without a zombie")
    assert _alive(other)


def test_a_worker_that_is_killed_harms_nobody(program: _Program) -> None:
    index, worker = program.fork()
    other, _ = program.fork()
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: _state(worker) == "", "the worker to be gone")
    assert program(f"{other} say")["parent"] == program.nursery
    program(f"{index} drop")
    program.fork()


def test_a_worker_that_fails_says_why_and_the_next_one_works(program: _Program) -> None:
    index, worker = program.fork()
    assert program(f"{index} fail") is None
    wait_for(lambda: _state(worker) == "", "the worker to end")
    assert "RuntimeError: a worker failed" in program.log()
    program.fork()


def test_where_no_process_can_be_made_now_one_can_later(program: _Program) -> None:
    program.no_forks.touch()
    index = program("fork")
    assert program(f"{index} drop") is None
    wait_for(lambda: "too many processes" in program.log(), "it to be told")
    program.no_forks.unlink()
    assert program.fork()[1] in _alive(*_children(program.nursery))


def test_a_closed_nursery_is_gone_and_its_workers_end_with_their_channels(
    program: _Program,
) -> None:
    index, worker = program.fork()
    program("close")
    assert _state(program.nursery) == ""
    program("close")
    assert program(f"{index} say")["pid"] == worker
    assert program("fork") == "OSError"
    program(f"{index} drop")
    wait_for(lambda: not _alive(worker), "the worker to end")


def test_a_nursery_that_is_gone_is_told_of(program: _Program) -> None:
    os.kill(program.nursery, signal.SIGKILL)
    wait_for(lambda: _state(program.nursery) == "Z", "the nursery to be gone")
    assert program("fork") == "BrokenPipeError"
    program("close")
    assert _state(program.nursery) == ""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_all_end_with_their_head(program: _Program, number: signal.Signals) -> None:
    family = [program.nursery, *(program.fork()[1] for _ in range(2))]
    program.process.send_signal(number)
    assert program.process.wait() == -number
    wait_for(lambda: not _alive(*family), "the nursery and its workers to end")
