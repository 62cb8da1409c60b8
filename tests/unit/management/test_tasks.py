import asyncio
from contextlib import AsyncExitStack

from consoleproxy.management.tasks import run_until_closed


def test_work_ends_with_its_stack() -> None:
    steps: list[str] = []

    async def work() -> None:
        steps.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("ended")

    async def story() -> None:
        async with AsyncExitStack() as stack:
            run_until_closed(stack, work(), "a name of its own")
            await asyncio.sleep(0)
            assert "a name of its own" in {task.get_name() for task in asyncio.all_tasks()}
        assert steps == ["begun", "ended"]

    asyncio.run(story())
