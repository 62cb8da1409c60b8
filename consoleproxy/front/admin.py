"""The admin listener: metrics, sessions, drain, and CloudStack's ``getstatus``."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from consoleproxy.errors import SessionEndedByOperator
from consoleproxy.front.base import PlainHandler
from consoleproxy.front.service import Service
from consoleproxy.session.load import load_report
from consoleproxy.session.registry import Registry


@dataclass(frozen=True, slots=True)
class Books:
    """What an operator may look at; ``not_after`` is when the certificate expires, epoch.

    ``drain`` has the proxy take no new sessions.
    """

    registry: Registry
    service: Service
    not_after: Callable[[], float | None]
    drain: Callable[[], None]


class AdminHandler(PlainHandler):
    """Knows the books of this CPVM."""

    def initialize(self, books: Books) -> None:
        self._books = books


class MetricsHandler(AdminHandler):
    """``GET /metrics``, in Prometheus' text format 0.0.4."""

    def get(self) -> None:
        registry, service = self._books.registry, self._books.service
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        for name, kind, value, text in (
            ("sessions", "gauge", len(registry), "Open console sessions."),
            ("sessions_maximum", "gauge", registry.rules.maximum, "consoleproxy.session.max."),
            ("draining", "gauge", int(registry.draining), "Whether new sessions are refused."),
            (
                "maintenance",
                "gauge",
                int(registry.maintenance),
                "Whether the management server sends no new sessions.",
            ),
            ("workers", "gauge", service.processes, "Processes that carry sessions."),
            (
                "workers_replaced_total",
                "counter",
                service.replaced,
                "Processes that died and were replaced.",
            ),
            (
                "certificate_not_after_seconds",
                "gauge",
                self._books.not_after(),
                "When the console port's certificate expires, in seconds since 1970.",
            ),
        ):
            if value is not None:
                self.write(
                    f"# HELP consoleproxy_{name} {text}\n"
                    f"# TYPE consoleproxy_{name} {kind}\n"
                    f"consoleproxy_{name} {value:.0f}\n"
                )
        self.finish()


class SessionsHandler(AdminHandler):
    """``GET /sessions``: the open ones, without anything secret."""

    async def get(self) -> None:
        await self._books.service.refresh()
        self.set_header("Content-Type", "application/json")
        self.finish(
            json.dumps(
                [
                    {
                        "uuid": session.uuid,
                        "vm": session.vm_uuid,
                        "client": session.client_address,
                        "target": f"{session.host}:{session.port}",
                        "bytesUp": session.bytes_up,
                        "bytesDown": session.bytes_down,
                    }
                    for session in self._books.registry
                ],
                indent=2,
            )
        )


class SessionHandler(AdminHandler):
    """``DELETE /sessions/{uuid}``: end one; its viewer is told that an operator did it."""

    def delete(self, uuid: str) -> None:
        session = self._books.registry.find(uuid)
        if session is None:
            self.refuse(404, "There is no open session with this uuid.")
            return
        session.end(SessionEndedByOperator())
        self.set_status(204)
        self.finish()


class CommandHandler(AdminHandler):
    """CloudStack's ``/cmd?cmd=getstatus``, also as ``/cmd/getstatus``."""

    async def get(self) -> None:
        if self.request.path != "/cmd/getstatus" and self.get_argument("cmd", "") != "getstatus":
            self.refuse(404, "The only command here is getstatus.")
            return
        await self._books.service.refresh()
        self.finish(load_report(self._books.registry, None))


class DrainHandler(AdminHandler):
    """``POST /drain``: take no new sessions; the open ones go on."""

    def post(self) -> None:
        self._books.drain()
        self.set_status(202)
        self.finish(f"draining, {len(self._books.registry)} sessions are open\n")
