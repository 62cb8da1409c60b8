"""Brings a database to the tables of this version of the program, whatever made it.

Its revision is in Alembic's table ``alembic_version``. A new database is made at once, without
Alembic, which takes long to load; so is a database that is up to date left alone.
"""

import logging
import threading

from sqlalchemy import (
    TEXT,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.schema import CreateTable

from consoleproxy.management.storage.migrations import REVISIONS
from consoleproxy.management.storage.schema import create_tables, tables

_log = logging.getLogger(__name__)

_LOCK_SECONDS = 60
_SCRIPTS = "consoleproxy.management.storage:migrations"

_alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32).with_variant(TEXT(), "sqlite"), primary_key=True),
)

# Alembic hands its context to the revisions through global variables.
_alembic = threading.Lock()


class UpgradeRefused(Exception):
    """The database cannot be brought up to date; ``str()`` is what is wrong and what to do."""


def is_up_to_date(db: Connection) -> bool:
    """Return whether the database is at this version's revision.

    Raises:
        UpgradeRefused: a newer version of the program has changed it.
    """
    return _revision(db) == REVISIONS[-1]


def upgrade(db: Connection) -> None:
    """Bring the database up to date; the caller commits, and closes the connection after that.

    Of several servers that try, one does it at a time: SQLite's transactions see to that, and on
    MariaDB, where each change of a table ends a transaction, a lock that lasts as long as the
    connection.

    Raises:
        UpgradeRefused: a newer version of the program has changed it, or another server is at it
            for longer than ``_LOCK_SECONDS``.
    """
    if db.dialect.name != "sqlite":
        _lock(db)
    revision = _revision(db)
    if revision == REVISIONS[-1]:
        return
    known = set(inspect(db).get_table_names()) & set(tables.tables)
    db.execute(CreateTable(_alembic_version, if_not_exists=True))
    if known:
        _migrate(db)
        _log.info(
            "the database was brought from revision %s to %s", revision or "none", REVISIONS[-1]
        )
    else:
        create_tables(db)
        db.execute(insert(_alembic_version).values(version_num=REVISIONS[-1]))


def _revision(db: Connection) -> str | None:
    if not inspect(db).has_table(_alembic_version.name):
        return None
    found = db.execute(select(_alembic_version.c.version_num)).scalars().all()
    for revision in found:
        if revision not in REVISIONS:
            raise UpgradeRefused(
                f"has been changed by a newer version of this program (it is at revision "
                f"{revision}, and this version knows none after {REVISIONS[-1]}): start that "
                "version, or bring back a copy of the database from before"
            )
    return found[0] if found else None


def _lock(db: Connection) -> None:
    # The server has one set of locks for all its databases.
    name = func.concat("consoleproxy.", func.md5(func.database()))
    if db.execute(select(func.get_lock(name, _LOCK_SECONDS))).scalar() != 1:
        raise UpgradeRefused(
            "is being brought up to date by another management server: start this one when that "
            "has ended"
        )


def _migrate(db: Connection) -> None:
    # It tells of its plugins as soon as it is loaded.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", _SCRIPTS)
    with _alembic:
        command.upgrade(config, REVISIONS[-1])
