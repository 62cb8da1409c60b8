"""What all handlers have in common: no version told, no query logged, plain refusals."""

import http
import logging
from typing import Any

from tornado.web import RequestHandler

_log = logging.getLogger(__name__)

# A console token has at most 16 KiB; what is longer is no request for a console.
MAXIMUM_TARGET_BYTES = 24 * 1024

_HSTS_SECONDS = 365 * 86400


class PlainHandler(RequestHandler):
    """A handler that answers in plain text and tells nothing about its server."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        if self.request.protocol == "https":
            # RFC 6797: from then on browsers ask for nothing but TLS under this name.
            self.set_header("Strict-Transport-Security", f"max-age={_HSTS_SECONDS}")

    def prepare(self) -> None:
        if len(self.request.uri or "") > MAXIMUM_TARGET_BYTES:
            self.refuse(414, "The address is too long. Open the console from the cloud's page.")

    def refuse(self, status: int, text: str) -> None:
        """Answer with a status and one line for the person."""
        self.set_status(status)
        self.finish(text + "\n")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish(f"{http.HTTPStatus(status_code).phrase}\n")

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        # Tornado's own line would print the request with its query, and so the token.
        if (status := getattr(value, "status_code", 500)) >= 500:
            _log.error(
                "%s %s failed",
                self.request.method,
                self.request.path,
                exc_info=(typ, value, tb),
            )
        else:
            _log.debug("%s %s: %s", self.request.method, self.request.path, status)


class NotFound(PlainHandler):
    """Anything that is not ours."""

    def prepare(self) -> None:
        super().prepare()
        if not self._finished:
            self.refuse(404, "There is nothing here. Open the console from the cloud's page.")


def no_access_log(handler: RequestHandler) -> None:
    """Log requests without their query; sessions have their own lines."""
    _log.debug("%s %s %s", handler.request.method, handler.request.path, handler.get_status())
