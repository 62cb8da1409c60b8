"""Work that goes on for as long as something else is open."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any


def run_until_closed(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    """Run something in a task of this name until the stack is closed, and see it end."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    stack.push_async_callback(asyncio.wait, {task})
    stack.callback(task.cancel)
