import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from consoleproxy.management.storage.schema import keystore
from consoleproxy.management.storage.store import Store
from consoleproxy.management.storage.upsert import insert_or_keep, insert_or_update

ROW = {"id": 1, "name": "root", "certificate": "one", "domain_suffix": ""}
OTHER = {"id": 1, "name": "root", "certificate": "another", "domain_suffix": ""}


def certificates(db: Connection) -> list[str]:
    return list(db.scalars(select(keystore.c.certificate)))


def test_what_is_there_is_kept(store: Store) -> None:
    assert store.run(lambda db: insert_or_keep(db, keystore, ROW))
    assert not store.run(lambda db: insert_or_keep(db, keystore, OTHER))
    assert store.run(certificates) == ["one"]


def test_what_is_there_is_updated(store: Store) -> None:
    for row in (ROW, OTHER):
        store.run(lambda db, row=row: insert_or_update(db, keystore, "name", row))  # type: ignore[misc]
    assert store.run(certificates) == ["another"]


def test_another_unique_column_is_no_key(store: Store) -> None:
    store.run(lambda db: insert_or_update(db, keystore, "name", ROW))
    with pytest.raises(IntegrityError):
        store.run(lambda db: insert_or_update(db, keystore, "name", {**ROW, "name": "another"}))
