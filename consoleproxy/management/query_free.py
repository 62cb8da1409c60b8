"""What all of the management server's handlers have in common: the log never has a query."""

import logging
from typing import Any

from tornado.web import RequestHandler

_log = logging.getLogger(__name__)


class QueryFreeHandler(RequestHandler):
    """A handler whose crash is logged by its path alone.

    Tornado's own line would print the whole request, and with it private keys that a client sent
    in the query, and signatures.
    """

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log a fault of ours; what a client did wrong is in the line of its request."""
        if getattr(value, "status_code", 500) >= 500:
            method, path = self.request.method, self.request.path
            _log.error("%s %s failed", method, path, exc_info=(typ, value, tb))  # type: ignore[arg-type]
