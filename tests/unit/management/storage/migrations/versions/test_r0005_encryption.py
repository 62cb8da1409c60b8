import sqlite3
from pathlib import Path

from consoleproxy.management.storage.store import Store
from tests.unit.management.before import make_as_before


def test_the_table_is_made(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    for _ in range(2):
        Store(str(path)).close()
        db = sqlite3.connect(path)
        assert db.execute("SELECT id, canary FROM encryption").fetchall() == []
        db.execute("UPDATE alembic_version SET version_num = '0001'")
        db.commit()
        db.close()
