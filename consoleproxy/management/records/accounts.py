"""Accounts in the database, each in a domain."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.scope import Scope
from consoleproxy.management.records.domains import is_path_within
from consoleproxy.management.storage.schema import account, domain, user


class State(StrEnum):
    """Whether an account, or a user, may call the API; CloudStack's names."""

    ENABLED = "enabled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """An account; ``domain`` is the path of its domain."""

    uuid: str
    name: str
    domain_uuid: str
    domain: str
    role: Role
    state: State = State.ENABLED


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts are looked for; what is empty or ``None`` does not count."""

    scope: Scope
    uuid: str = ""
    name: str = ""
    keyword: str = ""
    role: Role | None = None
    state: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what all of them fulfil."""
        wanted = of_scope(self.scope)
        if self.uuid:
            wanted.append(account.c.uuid == self.uuid)
        if self.name:
            wanted.append(account.c.name == self.name)
        if self.keyword:
            wanted.append(has_keyword(account.c.name, self.keyword))
        if self.role is not None:
            wanted.append(account.c.role == self.role.value)
        if self.state:
            wanted.append(account.c.state == self.state)
        return wanted


account_columns = (
    account.c.uuid,
    account.c.name,
    account.c.domain,
    domain.c.path,
    account.c.role,
    account.c.state,
)
_in_domain = account.join(domain, account.c.domain == domain.c.uuid)
_all = select(*account_columns).select_from(_in_domain)


def read_account(
    uuid: str, name: str, domain_uuid: str, path: str, role: str, state: str
) -> Account:
    """Return the account of ``account_columns``."""
    return Account(uuid, name, domain_uuid, path, Role(role), State(state))


def of_scope(scope: Scope) -> list[ColumnElement[bool]]:
    """Return what holds for the accounts of a scope."""
    wanted: list[ColumnElement[bool]] = []
    if scope.domain:
        within = is_path_within(scope.domain) if scope.recursive else None
        wanted.append(domain.c.path == scope.domain if within is None else within)
    if scope.account:
        wanted.append(account.c.name == scope.account)
    return wanted


def asked_for_by(
    scope: Scope, domain_uuid: ColumnElement[Any], account_uuid: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """Return what holds for rows that note who asked for them, in these columns.

    Those of accounts that are gone stay their domain's.
    """
    if scope.account:
        ids = select(account.c.uuid).select_from(_in_domain).where(*of_scope(scope))
        return [account_uuid.in_(ids)]
    if scope.domain:
        return [domain_uuid.in_(select(domain.c.uuid).where(*of_scope(scope)))]
    return []


def has_keyword(column: ColumnElement[str], keyword: str) -> ColumnElement[bool]:
    """Return the condition that a text has this part, whatever the letter case."""
    return func.instr(func.lower(column), keyword.lower()) > 0


def add_account(db: Connection, added: Account) -> None:
    """Store an account, whose name is free in its domain."""
    db.execute(
        insert(account).values(
            uuid=added.uuid,
            name=added.name,
            domain=added.domain_uuid,
            role=added.role.value,
            state=added.state.value,
        )
    )


def set_account_state(db: Connection, account_uuid: str, state: State) -> None:
    """Enable or disable an account."""
    db.execute(update(account).where(account.c.uuid == account_uuid).values(state=state.value))


def delete_account(db: Connection, account_uuid: str) -> None:
    """Remove an account that has no users."""
    db.execute(delete(account).where(account.c.uuid == account_uuid))


def account_of(db: Connection, account_uuid: str) -> Account | None:
    """Return the account of that uuid."""
    row = db.execute(_all.where(account.c.uuid == account_uuid)).one_or_none()
    return read_account(*row) if row else None


def account_named(db: Connection, path: str, name: str) -> Account | None:
    """Return the account of that name in the domain of that path; letter case counts."""
    row = db.execute(_all.where(domain.c.path == path, account.c.name == name)).one_or_none()
    return read_account(*row) if row else None


def find_accounts(
    db: Connection, wanted: AccountFilter, start: int, size: int
) -> tuple[int, tuple[Account, ...]]:
    """Return how many accounts there are, and a page of them, by domain and name."""
    conditions = wanted.conditions()
    count = db.execute(select(func.count()).select_from(_in_domain).where(*conditions))
    rows = db.execute(
        _all.where(*conditions).order_by(domain.c.path, account.c.name).offset(start).limit(size)
    )
    return int(count.scalar_one()), tuple(read_account(*row) for row in rows)


def owners(db: Connection, scope: Scope) -> frozenset[tuple[str, str]]:
    """Return the accounts of a scope that there are: path of the domain, and name."""
    query = select(domain.c.path, account.c.name).select_from(_in_domain).where(*of_scope(scope))
    return frozenset((str(path), str(name)) for path, name in db.execute(query))


def enabled_root_admins(db: Connection) -> int:
    """Return how many accounts may do everything, and have a user who can call the API."""
    able = select(user.c.uuid).where(
        user.c.account == account.c.uuid,
        user.c.state == State.ENABLED.value,
        user.c.api_key.is_not(None),
    )
    query = (
        select(func.count())
        .select_from(account)
        .where(
            account.c.role == Role.ADMIN.value,
            account.c.state == State.ENABLED.value,
            able.exists(),
        )
    )
    return int(db.execute(query).scalar_one())
