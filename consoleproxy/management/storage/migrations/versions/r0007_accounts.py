"""Domains, accounts and users in place of the one table of accounts; who asked for a session.

Each account of before becomes a root admin in the domain ROOT, with one user, who has its keys.
"""

import uuid

from alembic import op
from sqlalchemy import (
    REAL,
    TEXT,
    Column,
    Connection,
    Double,
    String,
    Text,
    column,
    inspect,
    select,
    table,
)

revision = "0007"
down_revision = "0006"

_ROOT = "ROOT"
_BEFORE = "account_0001"

_moment: Double[float] = Double().with_variant(REAL(), "sqlite")


def _text(letters: int) -> String:
    return String(letters).with_variant(TEXT(), "sqlite")


_name, _uuid, _word = _text(255), _text(64), _text(64)

_domain = table("domain", *map(column, ("uuid", "name", "path", "parent")))
_account = table("account", *map(column, ("uuid", "name", "domain", "role", "state")))
_user = table(
    "user", *map(column, ("uuid", "username", "account", "state", "api_key", "secret_key"))
)
_before = table(_BEFORE, *map(column, ("name", "api_key", "secret_key")))
_session = table(
    "console_session", *map(column, ("account", "domain_uuid", "account_uuid", "user_uuid"))
)
_job = table("async_job", *map(column, ("account", "account_uuid")))


def upgrade() -> None:
    """Make what is not there, and carry the accounts over."""
    db = op.get_bind()
    if "api_key" in _columns(db, "account"):
        op.rename_table("account", _BEFORE)
    _make_tables()
    _add("console_session", "domain_uuid", "account_uuid", "user_uuid")
    _add("async_job", "account_uuid")
    if inspect(db).has_table(_BEFORE):
        _carry_over(db)
        op.drop_table(_BEFORE)


def _make_tables() -> None:
    _table(
        "domain",
        Column("uuid", _uuid, primary_key=True),
        Column("name", _name, nullable=False),
        Column("path", _name, nullable=False, unique=True),
        Column("parent", _uuid),
    )
    _table(
        "account",
        Column("uuid", _uuid, primary_key=True),
        Column("name", _name, nullable=False),
        Column("domain", _uuid, nullable=False),
        Column("role", _word, nullable=False),
        Column("state", _word, nullable=False),
    )
    _table(
        "user",
        Column("uuid", _uuid, primary_key=True),
        Column("username", _name, nullable=False),
        Column("account", _uuid, nullable=False),
        Column("state", _word, nullable=False),
        Column("api_key", _name, unique=True),
        Column("secret_key", Text),
    )
    _table(
        "used_signature",
        Column("digest", _text(64), primary_key=True),
        Column("expires", _moment, nullable=False),
    )
    for name, of, columns, unique in (
        ("account_name", "account", ["domain", "name"], True),
        ("user_name", "user", ["account", "username"], True),
        ("used_signature_expires", "used_signature", ["expires"], False),
    ):
        op.create_index(name, of, columns, unique=unique, if_not_exists=True)


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


def _columns(db: Connection, of: str) -> set[str]:
    return {found["name"] for found in inspect(db).get_columns(of)}


def _add(to: str, *names: str) -> None:
    there = _columns(op.get_bind(), to)
    for name in names:
        if name not in there:
            op.add_column(to, Column(name, _uuid))


def _carry_over(db: Connection) -> None:
    root = db.scalar(select(_domain.c.uuid).where(_domain.c.path == _ROOT))
    if root is None:
        root = str(uuid.uuid4())
        db.execute(_domain.insert().values(uuid=root, name=_ROOT, path=_ROOT))
    for name, api_key, secret_key in db.execute(
        select(_before.c.name, _before.c.api_key, _before.c.secret_key)
    ).all():
        account = _account_of(db, root, name)
        owner = _user_of(db, account, name, api_key, secret_key)
        db.execute(
            _session.update()
            .where(_session.c.account == name, _session.c.account_uuid.is_(None))
            .values(domain_uuid=root, account_uuid=account, user_uuid=owner)
        )
        db.execute(
            _job.update()
            .where(_job.c.account == name, _job.c.account_uuid.is_(None))
            .values(account_uuid=account)
        )


def _account_of(db: Connection, root: str, name: str) -> str:
    known = select(_account.c.uuid).where(_account.c.domain == root, _account.c.name == name)
    found = db.scalar(known)
    if found is None:
        found = str(uuid.uuid4())
        values = {"uuid": found, "name": name, "domain": root, "role": "Admin", "state": "enabled"}
        db.execute(_account.insert().values(values))
    return str(found)


def _user_of(db: Connection, account: str, name: str, api_key: str, secret_key: str) -> str:
    found = db.scalar(select(_user.c.uuid).where(_user.c.api_key == api_key))
    if found is None:
        found = str(uuid.uuid4())
        db.execute(
            _user.insert().values(
                uuid=found,
                username=name,
                account=account,
                state="enabled",
                api_key=api_key,
                secret_key=secret_key,
            )
        )
    return str(found)
