"""Accounts in the database."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from consoleproxy.management.storage.schema import account
from consoleproxy.management.storage.upsert import insert_or_keep, insert_or_update


@dataclass(frozen=True, slots=True)
class Account:
    """Who may call the API."""

    name: str
    api_key: str
    secret_key: str = field(repr=False)


_columns = (account.c.name, account.c.api_key, account.c.secret_key)


def put_account(db: Connection, given: Account) -> None:
    """Store an account, over the one of the same name, or of the same key, if there is one."""
    same_key = account.c.api_key == given.api_key
    db.execute(delete(account).where(same_key, account.c.name != given.name))
    values = {"name": given.name, "api_key": given.api_key, "secret_key": given.secret_key}
    insert_or_update(db, account, "name", values)


def account_named(db: Connection, name: str) -> Account:
    """Return the account of that name, made with new keys on first use."""
    keys = {"api_key": secrets.token_urlsafe(64), "secret_key": secrets.token_urlsafe(64)}
    insert_or_keep(db, account, {"name": name, **keys})
    return Account(*db.execute(select(*_columns).where(account.c.name == name)).one())


def account_of(db: Connection, api_key: str) -> Account | None:
    """Return the account that has this API key."""
    row = db.execute(select(*_columns).where(account.c.api_key == api_key)).one_or_none()
    return Account(*row) if row else None
