import sqlite3
from pathlib import Path

import pytest

from consoleproxy.management.storage.store import Store
from tests.unit.management.before import make_as_before

ADDED = {
    "console_proxy": ["instance", "maintenance", "draining"],
    "console_session": ["end_reason", "end_requested"],
}


@pytest.mark.parametrize("there", [None, *ADDED])
def test_columns_that_are_missing_are_made(tmp_path: Path, there: str | None) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    if there is not None:
        # As where an earlier try broke off.
        with sqlite3.connect(path) as db:
            db.execute(f"ALTER TABLE {there} ADD COLUMN {ADDED[there][0]} TEXT")
        db.close()
    Store(str(path)).close()
    db = sqlite3.connect(path)
    for table, columns in ADDED.items():
        found = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        assert [name for name in found if name in columns] == columns
    db.close()
