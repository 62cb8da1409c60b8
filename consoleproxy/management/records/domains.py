"""Domains in the database: a tree, whose root is always there."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select
from sqlalchemy.sql.elements import ColumnElement

from consoleproxy.management.accounts.names import ROOT
from consoleproxy.management.storage.schema import domain
from consoleproxy.management.storage.upsert import insert_or_keep


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain; ``parent`` is the uuid of the one above, ``path`` as ``ROOT/acme``."""

    uuid: str
    name: str
    path: str
    parent: str | None

    @property
    def level(self) -> int:
        """How many domains are above it."""
        return self.path.count("/")


_columns = (domain.c.uuid, domain.c.name, domain.c.path, domain.c.parent)
_all = select(*_columns)


def root_domain(db: Connection) -> Domain:
    """Return the root domain, made on first use."""
    values = {"uuid": str(uuid.uuid4()), "name": ROOT, "path": ROOT}
    found = domain_at(db, ROOT)
    if found is None:
        insert_or_keep(db, domain, values)
        found = Domain(*db.execute(_all.where(domain.c.path == ROOT)).one())
    return found


def lock_accounts(db: Connection) -> None:
    """Let nobody else change domains, accounts and users before the end of this transaction.

    On any management server: what is looked at first (that a name is free, that another root
    admin is there) is still so when it is acted upon. SQLite's transactions do this anyway.
    """
    db.execute(select(domain.c.uuid).where(domain.c.path == ROOT).with_for_update())


def add_domain(db: Connection, added: Domain) -> None:
    """Store a domain, whose path is free."""
    db.execute(
        insert(domain).values(
            uuid=added.uuid, name=added.name, path=added.path, parent=added.parent
        )
    )


def delete_domain(db: Connection, domain_uuid: str) -> None:
    """Remove a domain that has nothing in it."""
    db.execute(delete(domain).where(domain.c.uuid == domain_uuid))


def domain_of(db: Connection, domain_uuid: str) -> Domain | None:
    """Return the domain of that uuid."""
    return _one(db, domain.c.uuid == domain_uuid)


def domain_at(db: Connection, path: str) -> Domain | None:
    """Return the domain of that path, whose letter case counts."""
    return _one(db, domain.c.path == path)


def domains_within(db: Connection, path: str) -> tuple[Domain, ...]:
    """Return a domain and all below it, by path."""
    rows = db.execute(_all.where(is_path_within(path)).order_by(domain.c.path))
    return tuple(Domain(*row) for row in rows)


def is_path_within(path: str) -> ColumnElement[bool]:
    """Return the condition that a domain is the one of this path or below it."""
    # LIKE would take no notice of letter case on SQLite.
    below = func.substr(domain.c.path, 1, len(path) + 1) == f"{path}/"
    return or_(domain.c.path == path, below)


def _one(db: Connection, condition: ColumnElement[bool]) -> Domain | None:
    row = db.execute(_all.where(condition)).one_or_none()
    return Domain(*row) if row else None
