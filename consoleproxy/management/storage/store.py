"""The management server's database: an SQLite file, or MariaDB by URL.

The queries are in ``management.records``: functions of a ``Connection``, which run inside
``Store.run``. That waits for the disk or the network; ``database`` is how the event loop calls it.
"""

import logging
import math
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool

from consoleproxy.errors import ManagementRequestRefused, SettingsInvalid
from consoleproxy.management.storage.upgrade import UpgradeRefused, is_up_to_date, upgrade

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

# As long as the driver waits for another process's transaction.
_SQLITE_WAIT_SECONDS = 5
_SERVER_DRIVERS = ("mysql+pymysql", "mariadb+pymysql")
_SERVER_THREADS = 4
_SERVER_CONNECT_SECONDS = 5
_SERVER_ANSWER_SECONDS = 7
# A management server that stands still in mid-transaction, or whose machine is gone without a word,
# keeps its locks no longer; whoever waits for them hears of it before the driver gives up.
_SERVER_SESSION = "SET SESSION idle_transaction_timeout = 4, innodb_lock_wait_timeout = 6"
# A change of a table with many rows.
_SERVER_UPGRADE_SECONDS = 3600

# MariaDB's codes of a transaction that it ended for another one's sake: deadlock, which is what
# Galera says, too, where another node's commit came first; lock too long.
_BEGIN_AGAIN = (1213, 1205)
_TRIES = 10
# So that two nodes do not get in each other's way again and again.
_LONGEST_PAUSE_MILLISECONDS = 20


class Store:
    """An open database.

    Args:
        location: ``consoleproxy.manage.database``: path of an SQLite file, made with mode 0600
            if it is missing, as it holds keys; or ``mysql+pymysql://user:password@host/database``.

    Attributes:
        threads: how many threads may use it at once.

    Raises:
        SettingsInvalid: it cannot be opened or is no such database.
    """

    def __init__(self, location: str) -> None:
        if "://" in location:
            url = _server_url(location)
            remedy = (
                "see that the server runs, has that database, and lets this user make tables in it"
            )
            self.threads = _SERVER_THREADS
        else:
            url = URL.create("sqlite+pysqlite", database=location)
            remedy = "name a file in a folder that this user may write to"
            self.threads = 1
        try:
            self._engine = _sqlite(url) if self.threads == 1 else _server(url)
            _set_up(self._engine, url)
        except UpgradeRefused as error:
            raise SettingsInvalid(
                [f"consoleproxy.manage.database={shown_location(location)} {error}"]
            ) from None
        except (SQLAlchemyError, OSError, TypeError) as error:
            shown = shown_location(location)
            raise SettingsInvalid(
                [f"consoleproxy.manage.database={shown} cannot be used ({_cause(error)}): {remedy}"]
            ) from None

    def run(self, work: Callable[[Connection], _Result], deadline: float = math.inf) -> _Result:
        """Return what ``work`` returns; all that it does is one transaction.

        It may run more than once, where transactions got in each other's way.

        Args:
            deadline: after which, on the monotonic clock, nobody waits for it any more: it is not
                begun then, or not committed.

        Raises:
            ManagementRequestRefused: 530, the database does not answer; the next call tries anew.
        """
        for rest in reversed(range(_TRIES)):
            if time.monotonic() > deadline:
                break
            try:
                with self._engine.begin() as db:
                    result = work(db)
                    if time.monotonic() > deadline:
                        raise database_away()
                    return result
            except (OperationalError, InterfaceError, InternalError) as error:
                if rest and _code(error) in _BEGIN_AGAIN:
                    time.sleep(secrets.randbelow(_LONGEST_PAUSE_MILLISECONDS) / 1000)
                    continue
                _log.error("the database cannot be used: %s", _cause(error))
                break
        raise database_away()

    def close(self) -> None:
        """Close the database; nothing else may be called after it."""
        self._engine.dispose()


def database_away() -> ManagementRequestRefused:
    """Return the refusal of whoever needs the database while it does not answer."""
    return ManagementRequestRefused(
        530,
        "The management server's database cannot be used at the moment; its log says why. "
        "Please try it again later.",
    )


def shown_location(location: str) -> str:
    """Return ``consoleproxy.manage.database`` as it may be shown: without a password."""
    if "://" not in location:
        return location
    try:
        return make_url(location).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "***"


def _set_up(engine: Engine, url: URL) -> None:
    try:
        with engine.begin() as db:
            up_to_date = is_up_to_date(db)
        if not up_to_date:
            patient = engine if db.dialect.name == "sqlite" else _patient_server(url)
            with patient.connect() as db:
                upgrade(db)
                db.commit()
    except BaseException:
        engine.dispose()
        raise


def _server_url(location: str) -> URL:
    try:
        url = make_url(location)
        if url.drivername in _SERVER_DRIVERS and url.database:
            # One dialect for both spellings, and one that takes no other make of server.
            return url.set(drivername="mariadb+pymysql")
    except (ArgumentError, ValueError):
        # The cause would quote the password.
        pass
    raise SettingsInvalid(
        [
            "consoleproxy.manage.database must be the path of an SQLite file, or "
            "mysql+pymysql://user:password@host/database with what is special in the password "
            "percent-encoded"
        ]
    )


def _sqlite(url: URL) -> Engine:
    # Not one that is there: to close it would end the locks of whoever has it open in this process.
    path = url.database or ""
    if not os.path.exists(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(
        url,
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own idea of when a transaction begins leaves out what is only read.
    connection.isolation_level = None
    # What is written over, as a secret in the clear is by a sealed one, leaves no trace.
    connection.execute("PRAGMA secure_delete = ON")
    deadline = time.monotonic() + _SQLITE_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # Of several that do this to a new file, all but one are refused without a wait.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(db: Connection) -> None:
    # One that begins by reading could fail at its first write, where another process wrote.
    db.exec_driver_sql("BEGIN IMMEDIATE")


def _server(url: URL) -> Engine:
    return create_engine(
        url.set(password=""),
        pool_size=_SERVER_THREADS,
        max_overflow=0,
        pool_pre_ping=True,
        pool_recycle=3600,
        # Each statement sees what others have committed, and locks no more rows than it changes.
        isolation_level="READ COMMITTED",
        connect_args=_server_arguments(url, _SERVER_ANSWER_SECONDS)
        | {"init_command": _SERVER_SESSION},
        hide_parameters=True,
    )


def _patient_server(url: URL) -> Engine:
    """Return one that waits for long statements, and whose connections end when they are closed."""
    return create_engine(
        url.set(password=""),
        poolclass=NullPool,
        isolation_level="READ COMMITTED",
        connect_args=_server_arguments(url, _SERVER_UPGRADE_SECONDS),
        hide_parameters=True,
    )


def _server_arguments(url: URL, answer_seconds: int) -> dict[str, object]:
    return {
        # Of a text, the driver takes Latin-1 only.
        "password": str(url.password or "").encode(),
        "charset": "utf8mb4",
        # What does not fit is an error, never cut off.
        "sql_mode": "STRICT_ALL_TABLES",
        "connect_timeout": _SERVER_CONNECT_SECONDS,
        "read_timeout": answer_seconds,
        "write_timeout": answer_seconds,
    }


def _code(error: DBAPIError) -> object:
    arguments = getattr(error.orig, "args", ())
    return arguments[0] if arguments else None


def _cause(error: BaseException) -> str:
    """Return what went wrong without the statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error)
