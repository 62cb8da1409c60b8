"""Inserts for rows that may be there already, in the words of each database."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import mysql, sqlite


def insert_or_keep(db: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row, unless one of the same key is there; return whether it was inserted."""
    if db.dialect.name == "sqlite":
        done = db.execute(sqlite.insert(table).values(values).on_conflict_do_nothing())
    else:
        done = db.execute(mysql.insert(table).values(values).prefix_with("IGNORE"))
    return done.rowcount == 1


def insert_or_update(db: Connection, table: Table, key: str, values: Mapping[str, object]) -> None:
    """Insert a row, or give these values to the one of the same ``key``, a unique column."""
    others = {name: value for name, value in values.items() if name != key}
    if db.dialect.name == "sqlite":
        on_sqlite = sqlite.insert(table).values(values)
        db.execute(on_sqlite.on_conflict_do_update(index_elements=[key], set_=others))
    else:
        db.execute(mysql.insert(table).values(values).on_duplicate_key_update(others))
