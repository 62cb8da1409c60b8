"""``/healthz`` and ``/readyz`` of the management server, for container engines and balancers."""

from sqlalchemy import Connection, select

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.query_free import QueryFreeHandler
from consoleproxy.management.storage.database import Database


class ProbeHandler(QueryFreeHandler):
    """Answers in plain text, and is asked anew each time."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")


class HealthHandler(ProbeHandler):
    """200 while the process serves."""

    def get(self) -> None:
        self.finish("ok\n")


class ReadyHandler(ProbeHandler):
    """200 if the database answers; 503 otherwise, as nothing can be done without it."""

    def initialize(self, database: Database) -> None:
        self._database = database

    async def get(self) -> None:
        try:
            await self._database.run(_ask)
        except ManagementRequestRefused:
            self.set_status(503)
            self.finish("the database does not answer\n")
        else:
            self.finish("ready\n")


def _ask(db: Connection) -> None:
    db.execute(select(1))
