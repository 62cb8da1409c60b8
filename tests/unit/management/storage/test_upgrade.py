import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.sessions import sessions
from consoleproxy.management.storage import schema
from consoleproxy.management.storage.migrations import REVISIONS
from consoleproxy.management.storage.store import Store
from consoleproxy.management.storage.upgrade import is_up_to_date
from tests.unit.management.before import NEXT, add_revision, make_as_before
from tests.unit.management.contracts import SESSION, content_of, do
from tests.unit.management.world import SEALER


def structure(path: Path) -> dict[str, tuple[int, list[object], list[object]]]:
    """Columns and indexes of each table, and whether it is strict."""
    db = sqlite3.connect(path)
    tables = db.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    found = {
        name: (
            strict,
            sorted(db.execute(f"PRAGMA table_info({name})")),
            sorted(row[1:] for row in db.execute(f"PRAGMA index_list({name})")),
        )
        for name, strict in tables.fetchall()
    }
    db.close()
    return found


def open_and_close(path: str) -> bool:
    store = Store(path)
    try:
        return store.run(is_up_to_date)
    finally:
        store.close()


def revision(path: Path) -> list[tuple[str]]:
    db = sqlite3.connect(path)
    found = db.execute("SELECT version_num FROM alembic_version").fetchall()
    db.close()
    return found


def test_known_revisions_are_those_in_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", "consoleproxy.management.storage:migrations")
    scripts = ScriptDirectory.from_config(config)
    walked = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(walked)) == REVISIONS
    assert scripts.get_heads() == [REVISIONS[-1]]


@pytest.mark.parametrize("before", [False, True])
def test_tables_are_those_of_the_schema(tmp_path: Path, before: bool) -> None:
    path = tmp_path / "management.db"
    if before:
        make_as_before(path)
    Store(str(path)).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_server_default": True})
        assert compare_metadata(context, schema.tables) == []
    engine.dispose()


def test_revisions_make_what_is_made_at_once(tmp_path: Path) -> None:
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    Store(str(made)).close()
    db = sqlite3.connect(migrated)
    db.execute("CREATE TABLE configuration (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    db.close()
    Store(str(migrated)).close()
    assert structure(made) == structure(migrated)
    assert revision(made) == revision(migrated) == [(REVISIONS[-1],)]


def test_database_of_before_goes_on_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    for _ in range(2):
        store = Store(str(path))
        assert do(store, sessions) == (SESSION,)
        store.close()
    assert revision(path) == [(REVISIONS[-1],)]


def test_databases_side_by_side_in_one_process(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.db" for number in range(8)]
    for path in paths:
        make_as_before(path)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(open_and_close, map(str, paths))) == [True] * len(paths)


def test_two_are_open_at_once(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    first, second = Store(str(path)), Store(str(path))
    assert do(first, administrator, SEALER) == do(second, administrator, SEALER)
    first.close()
    second.close()


@pytest.mark.parametrize("before", [False, True])
def test_next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    if not before:
        Store(str(path)).close()
    add_revision(tmp_path / "migrations", monkeypatch)
    store = Store(str(path))
    assert do(store, content_of, "configuration") == "[]"
    store.run(lambda db: db.execute(text("INSERT INTO configuration VALUES ('a', 'b', 'note')")))
    assert do(store, sessions) == (SESSION,)
    store.close()
    assert revision(path) == [(NEXT,)]
    monkeypatch.undo()
    with pytest.raises(SettingsInvalid, match="newer version"):
        Store(str(path))


def test_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    Store(str(path)).close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    before = structure(path)
    with pytest.raises(
        SettingsInvalid, match=r"database=.*newer version.*9999.*start that version"
    ):
        Store(str(path))
    assert structure(path) == before
    assert revision(path) == [("9999",)]


def test_upgrade_that_fails_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "management.db"
    make_as_before(path)
    before = structure(path)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("alembic.operations.base.Operations.create_index", fail)
    with pytest.raises(SettingsInvalid, match="no space left"):
        Store(str(path))
    assert structure(path) == before
