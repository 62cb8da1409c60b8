"""The tables of the management server, once for SQLite and MariaDB.

Times are seconds since 1970. ``keystore`` has CloudStack's columns; its ``key`` is empty in the
rows of roots and intermediates. Secrets are sealed: ``sealed_columns`` lists them.
"""

from sqlalchemy import (
    REAL,
    TEXT,
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

# CloudStack's limits in table keystore: MariaDB's TEXT has as many bytes, VARCHAR so many letters.
TEXT_BYTES = 65535
ALIAS_LETTERS = 64
SUFFIX_LETTERS = 256

# SQLite's strict tables know five types only, and MariaDB indexes no text without a length.
_moment: Double[float] = Double().with_variant(REAL(), "sqlite")
_row_number = BigInteger().with_variant(Integer(), "sqlite")
_long_text = Text().with_variant(LONGTEXT(), "mariadb")


def _text(letters: int) -> String:
    return String(letters).with_variant(TEXT(), "sqlite")


_name = _text(255)
_uuid = _text(64)

tables = MetaData()


def _table(name: str, *parts: Column[object] | Index) -> Table:
    return Table(
        name,
        tables,
        *parts,
        sqlite_strict=True,
        mariadb_engine="InnoDB",
        # Keys and names are compared byte by byte, as SQLite does.
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )


configuration = _table(
    "configuration",
    Column("name", _name, primary_key=True),
    Column("value", Text, nullable=False),
)

domain = _table(
    "domain",
    Column("uuid", _uuid, primary_key=True),
    Column("name", _name, nullable=False),
    Column("path", _name, nullable=False, unique=True),
    Column("parent", _uuid),
)

account = _table(
    "account",
    Column("uuid", _uuid, primary_key=True),
    Column("name", _name, nullable=False),
    Column("domain", _uuid, nullable=False),
    Column("role", _text(64), nullable=False),
    Column("state", _text(64), nullable=False),
    Index("account_name", "domain", "name", unique=True),
)

# One without keys cannot call the API. The secret key is sealed.
user = _table(
    "user",
    Column("uuid", _uuid, primary_key=True),
    Column("username", _name, nullable=False),
    Column("account", _uuid, nullable=False),
    Column("state", _text(64), nullable=False),
    Column("api_key", _name, unique=True),
    Column("secret_key", Text),
    Index("user_name", "account", "username", unique=True),
)

# Of requests that are good once, until they expire.
used_signature = _table(
    "used_signature",
    Column("digest", _text(64), primary_key=True),
    Column("expires", _moment, nullable=False),
    Index("used_signature_expires", "expires"),
)

console_proxy = _table(
    "console_proxy",
    Column("name", _name, primary_key=True),
    Column("address", _name, nullable=False),
    Column("host", _name, nullable=False),
    Column("port", Integer, nullable=False),
    Column("tls", Integer, nullable=False),
    Column("session_max", Integer, nullable=False),
    Column("load_interval", _moment, nullable=False),
    Column("active_session", Integer, nullable=False),
    Column("last_update", _moment, nullable=False),
    # Which start of the program it is.
    Column("instance", _text(64)),
    # Since when.
    Column("maintenance", _moment),
    Column("draining", _moment),
    # Names with blanks between them.
    Column("waiting_settings", Text),
)

console_session = _table(
    "console_session",
    Column("id", _row_number, primary_key=True),
    Column("uuid", _text(64), nullable=False, unique=True),
    Column("created", _moment, nullable=False),
    Column("account", _name, nullable=False),
    Column("vm_uuid", _text(64), nullable=False),
    Column("proxy", _name, nullable=False),
    Column("console_endpoint_creator_address", _name, nullable=False),
    Column("client_address", _name),
    Column("acquired", _moment),
    Column("removed", _moment),
    Column("end_reason", _text(64)),
    # An operator's order to end it, until that is done.
    Column("end_requested", _moment),
    # Of who asked for it; empty in rows from before.
    Column("domain_uuid", _uuid),
    Column("account_uuid", _uuid),
    Column("user_uuid", _uuid),
    Index("console_session_vm", "vm_uuid", "id"),
    Index("console_session_proxy", "proxy", "removed"),
    Index("console_session_created", "created"),
    Index("console_session_end_requested", "end_requested"),
    Index("console_session_open", "removed", "acquired"),
)

keystore = _table(
    "keystore",
    Column("id", _row_number, primary_key=True),
    Column("name", _text(ALIAS_LETTERS), nullable=False, unique=True),
    Column("certificate", Text, nullable=False),
    Column("key", Text),
    Column("domain_suffix", _text(SUFFIX_LETTERS), nullable=False),
    Column("seq", Integer),
)

# What CPVMs serve: the last keystore that was proven, whatever has been uploaded since.
served_keystore = _table(
    "served_keystore",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", _text(64), nullable=False),
    Column("pem", _long_text, nullable=False),
)

# One row, sealed under the key that the others were last sealed under, and their lock.
encryption = _table(
    "encryption",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("canary", _name, nullable=False),
)

async_job = _table(
    "async_job",
    Column("uuid", _text(64), primary_key=True),
    Column("account", _name, nullable=False),
    Column("command", _name, nullable=False),
    Column("created", _moment, nullable=False),
    Column("result_code", Integer, nullable=False),
    Column("result", _long_text, nullable=False),
    Column("account_uuid", _uuid),
    Index("async_job_created", "created"),
)


def create_tables(db: Connection) -> None:
    """Make the tables and indexes that are not there yet; others may do so at the same time."""
    for table in tables.sorted_tables:
        db.execute(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            db.execute(CreateIndex(index, if_not_exists=True))
