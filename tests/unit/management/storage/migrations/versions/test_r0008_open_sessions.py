import sqlite3
from pathlib import Path

from consoleproxy.management.storage.store import Store
from tests.unit.management.before import make_as_before


def test_open_sessions_are_found_by_the_index(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    for _ in range(2):
        Store(str(path)).close()
        db = sqlite3.connect(path)
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT count(*) FROM console_session "
            "WHERE removed IS NULL AND acquired IS NOT NULL"
        ).fetchall()
        assert "USING COVERING INDEX console_session_open" in plan[0][-1]
        # As where an earlier try broke off behind the index.
        with db:
            db.execute("UPDATE alembic_version SET version_num = '0007'")
        db.close()
