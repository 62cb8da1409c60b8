"""One JSON object, read strictly."""

import json
from typing import Any


class Document:
    """One JSON object whose fields are read by name and type.

    Raises:
        ValueError: it is no JSON object; the accessors raise it for a field that is missing or of
            another type.
    """

    def __init__(self, text: str | bytes) -> None:
        try:
            content = json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        self._content: dict[str, Any] = content

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self._content

    def text(self, name: str) -> str:
        """Return a string field."""
        value = self._content.get(name)
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a string")
        return value

    def number(self, name: str) -> int:
        """Return an integer field."""
        value = self._content.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} is not an integer")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean field."""
        value = self._content.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is not true or false")
        return value

    def array(self, name: str) -> list[Any]:
        """Return an array field; a missing one is empty."""
        value = self._content.get(name, [])
        if not isinstance(value, list):
            raise ValueError(f"{name} is not an array")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is an array of strings; a missing one is empty."""
        values = self.array(name)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{name} is not an array of strings")
        return tuple(values)

    def texts_by_name(self, name: str) -> dict[str, str]:
        """Return a field that is an object of strings; a missing one is empty."""
        values = self._content.get(name, {})
        if not isinstance(values, dict):
            raise ValueError(f"{name} is not an object")
        if not all(isinstance(value, str) for value in values.values()):
            raise ValueError(f"{name} is not an object of strings")
        return dict(values)
