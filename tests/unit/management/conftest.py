"""An SQLite store, for the checks that every store passes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consoleproxy.management.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new SQLite database."""
    store = Store(str(tmp_path / "management.db"))
    yield store
    store.close()
