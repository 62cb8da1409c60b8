"""Several management servers that give out consoles at once: what the lock of assignments lets by.

Each server is a process of its own (``asking``), as in life, and asks as fast as it is answered.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, update

from benchmarks.fleet.measures import percentile
from benchmarks.fleet.scenario import Scenario
from consoleproxy.management.storage.schema import console_proxy


@dataclass(frozen=True, slots=True)
class Contention:
    """What is asked of a database.

    Args:
        servers: management servers; ``callers`` are served at once by each.
        decides: whether consoles are given out, or the lock is only taken and let go.
    """

    servers: int
    callers: int
    decides: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it; ``refused`` are those for which nothing had room, or that failed."""

    contention: Contention
    per_second: float
    p50_us: float
    p99_us: float
    refused: int


@dataclass(frozen=True, slots=True)
class Task:
    """What one server is told; ``now`` is when it begins, in simulated seconds since 1970."""

    proxies: int
    machines: int
    link_seconds: float
    location: str
    callers: int
    decides: bool
    now: float
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one server answers: nanoseconds, and how often there was no console."""

    took: list[int]
    refused: int


def contend(
    scenario: Scenario, location: str, contention: Contention, now: float, seconds: float
) -> Found:
    """Let the servers ask for as many seconds as given, and return what came of it."""
    tasks = [
        Task(
            scenario.proxies,
            scenario.machines,
            scenario.link_seconds,
            location,
            contention.callers,
            contention.decides,
            now,
            seconds,
            seed,
        )
        for seed in range(contention.servers)
    ]
    results = _results(tasks)
    took = [each for result in results for each in result.took]
    return Found(
        contention,
        len(took) / seconds,
        percentile(took, 0.5) / 1000,
        percentile(took, 0.99) / 1000,
        sum(result.refused for result in results),
    )


def hear_of_all(db: Connection, now: float) -> None:
    """Have all proxies just reported."""
    db.execute(update(console_proxy).values(last_update=now))


def _results(tasks: list[Task]) -> list[Result]:
    with ExitStack() as stack:
        servers = []
        for task in tasks:
            server = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fleet.asking"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(server)
            stack.callback(server.kill)
            servers.append(server)
            _tell(server, json.dumps(asdict(task)))
        for server in servers:
            if _hear(server) != "ready\n":
                raise RuntimeError("a management server did not start")
        for server in servers:
            _tell(server, "go")
        return [Result(**json.loads(_hear(server))) for server in servers]


def _tell(server: subprocess.Popen[str], line: str) -> None:
    assert server.stdin is not None
    server.stdin.write(f"{line}\n")
    server.stdin.flush()


def _hear(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline()
