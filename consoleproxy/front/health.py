"""``/healthz`` and ``/readyz``, for load balancers and container engines."""

from collections.abc import Awaitable, Callable

from consoleproxy.front.base import PlainHandler


class HealthHandler(PlainHandler):
    """200 while the process serves."""

    def get(self) -> None:
        self.finish("ok\n")

    def head(self) -> None:
        self.finish()


class ReadyHandler(PlainHandler):
    """200 if new sessions are taken; 503 with the reason otherwise."""

    def initialize(self, why_not: Callable[[], Awaitable[str]]) -> None:
        self._why_not = why_not

    async def get(self) -> None:
        if reason := await self._why_not():
            self.refuse(503, reason)
        else:
            self.finish("ready\n")

    async def head(self) -> None:
        self.set_status(503 if await self._why_not() else 200)
        self.finish()
