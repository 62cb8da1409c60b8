import sqlite3
from pathlib import Path

import pytest

from consoleproxy.management.storage.store import Store

TABLES = (
    *("account", "async_job", "configuration", "console_proxy", "console_session"),
    *("keystore", "served_keystore"),
)


@pytest.mark.parametrize("missing", TABLES)
def test_what_is_missing_is_made(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "management.db"
    Store(str(path)).close()
    with sqlite3.connect(path) as db:
        made = set(db.execute("SELECT type, name FROM sqlite_schema"))
        db.execute("DROP TABLE alembic_version")
        db.execute(f"DROP TABLE {missing}")
    db.close()
    Store(str(path)).close()
    db = sqlite3.connect(path)
    assert set(db.execute("SELECT type, name FROM sqlite_schema")) == made
    db.close()
