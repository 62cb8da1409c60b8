"""The admin listener: metrics, sessions, drain, and CloudStack's ``getstatus``."""

import json
from collections.abc import Callable

from consoleproxy.console.consoles import Consoles
from consoleproxy.errors import SessionEndedByOperator
from consoleproxy.front.base import PlainHandler
from consoleproxy.session.load import load_report


class AdminHandler(PlainHandler):
    """Knows the consoles of this process."""

    def initialize(self, consoles: Consoles) -> None:
        self._consoles = consoles


class MetricsHandler(PlainHandler):
    """``GET /metrics``, in Prometheus' text format 0.0.4."""

    def initialize(self, consoles: Consoles, not_after: Callable[[], float | None]) -> None:
        self._consoles = consoles
        self._not_after = not_after

    def get(self) -> None:
        registry = self._consoles.registry
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(
            "# HELP consoleproxy_sessions Open console sessions.\n"
            "# TYPE consoleproxy_sessions gauge\n"
            f"consoleproxy_sessions {len(registry)}\n"
            "# HELP consoleproxy_sessions_maximum consoleproxy.session.max.\n"
            "# TYPE consoleproxy_sessions_maximum gauge\n"
            f"consoleproxy_sessions_maximum {registry.rules.maximum}\n"
            "# HELP consoleproxy_draining Whether new sessions are refused.\n"
            "# TYPE consoleproxy_draining gauge\n"
            f"consoleproxy_draining {int(registry.draining)}\n" + self._expiry()
        )

    def _expiry(self) -> str:
        not_after = self._not_after()
        if not_after is None:
            return ""
        return (
            "# HELP consoleproxy_certificate_not_after_seconds When the console port's "
            "certificate expires, in seconds since 1970.\n"
            "# TYPE consoleproxy_certificate_not_after_seconds gauge\n"
            f"consoleproxy_certificate_not_after_seconds {not_after:.0f}\n"
        )


class SessionsHandler(AdminHandler):
    """``GET /sessions``: the open ones, without anything secret."""

    def get(self) -> None:
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
                    for session in self._consoles.registry
                ],
                indent=2,
            )
        )


class SessionHandler(AdminHandler):
    """``DELETE /sessions/{uuid}``: end one; its viewer is told that an operator did it."""

    def delete(self, uuid: str) -> None:
        session = self._consoles.registry.find(uuid)
        if session is None:
            self.refuse(404, "There is no open session with this uuid.")
            return
        session.end(SessionEndedByOperator())
        self.set_status(204)
        self.finish()


class CommandHandler(AdminHandler):
    """CloudStack's ``/cmd?cmd=getstatus``, also as ``/cmd/getstatus``."""

    def get(self) -> None:
        if self.request.path != "/cmd/getstatus" and self.get_argument("cmd", "") != "getstatus":
            self.refuse(404, "The only command here is getstatus.")
            return
        self.finish(load_report(self._consoles.registry, None))


class DrainHandler(AdminHandler):
    """``POST /drain``: take no new sessions; the open ones go on."""

    def post(self) -> None:
        self._consoles.registry.draining = True
        self.set_status(202)
        self.finish(f"draining, {len(self._consoles.registry)} sessions are open\n")
