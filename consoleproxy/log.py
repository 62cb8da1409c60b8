"""Logging, set up once: the session's uuid on each line, and no token in any of them."""

import logging
import re
import sys

# The last guard, for lines of libraries that print a request; our own never hold a secret.
_SECRET_IN_QUERY = re.compile(r"\b(token|extra|password|signature)=[^\s&'\"]+", re.IGNORECASE)


class _ConsoleFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "session"):
            record.session = "-"
        line = super().format(record)
        return _SECRET_IN_QUERY.sub(r"\1=***", line) if "=" in line else line


def set_up_logging(level: int = logging.INFO) -> None:
    """Send all log lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _ConsoleFormatter("%(asctime)s %(levelname)-7s %(name)s [%(session)s] %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
