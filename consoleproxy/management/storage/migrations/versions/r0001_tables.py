"""The tables as they were when revisions began.

Databases from before may have all of them, or lack the later ones: keystores and jobs.
"""

from alembic import op
from sqlalchemy import (
    REAL,
    TEXT,
    BigInteger,
    Column,
    Double,
    Integer,
    String,
    Text,
)
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0001"
down_revision = None

_moment: Double[float] = Double().with_variant(REAL(), "sqlite")
_row_number = BigInteger().with_variant(Integer(), "sqlite")
_long_text = Text().with_variant(LONGTEXT(), "mariadb")


def _text(letters: int) -> String:
    return String(letters).with_variant(TEXT(), "sqlite")


_name = _text(255)


def _table(name: str, *parts: Column[object]) -> None:
    op.create_table(
        name,
        *parts,
        if_not_exists=True,
        sqlite_strict=True,
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )


def upgrade() -> None:
    """Make what is not there."""
    _table(
        "configuration",
        Column("name", _name, primary_key=True),
        Column("value", Text, nullable=False),
    )
    _table(
        "account",
        Column("name", _name, primary_key=True),
        Column("api_key", _name, nullable=False, unique=True),
        Column("secret_key", _name, nullable=False),
    )
    _table(
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
    )
    _table(
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
    )
    _table(
        "keystore",
        Column("id", _row_number, primary_key=True),
        Column("name", _text(64), nullable=False, unique=True),
        Column("certificate", Text, nullable=False),
        Column("key", Text),
        Column("domain_suffix", _text(256), nullable=False),
        Column("seq", Integer),
    )
    _table(
        "served_keystore",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("version", _text(64), nullable=False),
        Column("pem", _long_text, nullable=False),
    )
    _table(
        "async_job",
        Column("uuid", _text(64), primary_key=True),
        Column("account", _name, nullable=False),
        Column("command", _name, nullable=False),
        Column("created", _moment, nullable=False),
        Column("result_code", Integer, nullable=False),
        Column("result", _long_text, nullable=False),
    )
    for name, table, columns in (
        ("console_session_vm", "console_session", ["vm_uuid", "id"]),
        ("console_session_proxy", "console_session", ["proxy", "removed"]),
        ("console_session_created", "console_session", ["created"]),
        ("async_job_created", "async_job", ["created"]),
    ):
        op.create_index(name, table, columns, if_not_exists=True)
