import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from consoleproxy.management.storage.schema import account
from consoleproxy.management.storage.store import Store
from consoleproxy.management.storage.upsert import insert_or_keep, insert_or_update

ROW = {"name": "admin", "api_key": "key", "secret_key": "secret"}
OTHER = {"name": "admin", "api_key": "another key", "secret_key": "another secret"}


def rows(db: Connection) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in db.execute(select(account))]


def test_what_is_there_is_kept(store: Store) -> None:
    for row in (ROW, OTHER):
        store.run(lambda db, row=row: insert_or_keep(db, account, row))  # type: ignore[misc]
    assert store.run(rows) == [ROW]


def test_what_is_there_is_updated(store: Store) -> None:
    for row in (ROW, OTHER):
        store.run(lambda db, row=row: insert_or_update(db, account, "name", row))  # type: ignore[misc]
    assert store.run(rows) == [OTHER]


def test_another_unique_column_is_no_key(store: Store) -> None:
    store.run(lambda db: insert_or_update(db, account, "name", ROW))
    with pytest.raises(IntegrityError):
        store.run(lambda db: insert_or_update(db, account, "name", {**ROW, "name": "another"}))
