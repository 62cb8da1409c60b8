import sqlite3
from pathlib import Path

import pytest

from consoleproxy.management.storage.store import Store
from tests.unit.management.before import make_as_before


@pytest.mark.parametrize("there", [False, True])
def test_column_that_is_missing_is_made(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    if there:
        # As where an earlier try broke off.
        with sqlite3.connect(path) as db:
            db.execute("ALTER TABLE console_proxy ADD COLUMN waiting_settings TEXT")
        db.close()
    Store(str(path)).close()
    db = sqlite3.connect(path)
    found = [row[1] for row in db.execute("PRAGMA table_info(console_proxy)")]
    assert found.count("waiting_settings") == 1
    db.close()
