"""An SQLite store, for the checks that every store passes."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from consoleproxy.management.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new SQLite database."""
    store = Store(str(tmp_path / "management.db"))
    yield store
    store.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server or a database: too slow, all together, for ``make test-unit``."""
    for item in items:
        if isinstance(item, pytest.Function) and (
            "store" in item.fixturenames or _has_a_server(item.module)
        ):
            item.add_marker("server")


def _has_a_server(module: ModuleType) -> bool:
    return hasattr(module, "in_world") or hasattr(module, "running_world")
