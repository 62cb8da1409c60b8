"""Refusals that cross from one process to another: by name."""

from consoleproxy import errors
from consoleproxy.errors import ConsoleRefused
from consoleproxy.workers.messages import MessageInvalid


def refusal_of(name: str, cause: str) -> ConsoleRefused:
    """Return the refusal of that class.

    Raises:
        MessageInvalid: there is no such class.
    """
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, ConsoleRefused)):
        raise MessageInvalid(f"there is no refusal {name!r}")
    return kind(cause)
