"""One of the management servers that contend: reads its task, says "ready", and waits for a line.

Then it asks for its seconds, and writes how many nanoseconds each answer took.
"""

import asyncio
import json
import logging
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from benchmarks.fleet.contention import Result, Task
from benchmarks.fleet.database_books import console_request, make_issuer
from benchmarks.fleet.scenario import Scenario
from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.fleet.assignment import Order
from consoleproxy.management.records.assignment import lock_assignment
from consoleproxy.management.storage.database import Database


async def main(task: Task) -> None:
    """Ask, and write what came of it."""
    logging.disable()
    database = await Database.open(task.location)
    scenario = Scenario(
        proxies=task.proxies, machines=task.machines, link_seconds=task.link_seconds
    )
    began = time.monotonic()
    issuer = make_issuer(
        scenario, database, Order.EMPTIEST, lambda: task.now + (time.monotonic() - began)
    )
    chance = random.Random(task.seed)

    async def decide() -> None:
        await issuer.issue(console_request(chance.randrange(task.machines)))

    async def only_lock() -> None:
        await database.run(lock_assignment)

    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    until = began + task.seconds
    ask = decide if task.decides else only_lock
    results = await asyncio.gather(*(_call(ask, until) for _ in range(task.callers)))
    await database.close()
    took = [each for one, _ in results for each in one]
    print(json.dumps(asdict(Result(took, sum(refused for _, refused in results)))))


async def _call(ask: Callable[[], Awaitable[None]], until: float) -> tuple[list[int], int]:
    took, refused = list[int](), 0
    while time.monotonic() < until:
        began = time.perf_counter_ns()
        try:
            await ask()
        except ManagementRequestRefused:
            refused += 1
        else:
            took.append(time.perf_counter_ns() - began)
    return took, refused


if __name__ == "__main__":
    asyncio.run(main(Task(**json.loads(sys.stdin.readline()))))
