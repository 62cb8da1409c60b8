"""Users of accounts in the database, with the keys by which they call the API."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from consoleproxy.management.accounts.caller import Caller
from consoleproxy.management.accounts.scope import Scope
from consoleproxy.management.records.accounts import (
    Account,
    State,
    account_columns,
    has_keyword,
    of_scope,
    read_account,
)
from consoleproxy.management.storage.schema import account, domain, user
from consoleproxy.management.storage.sealing import Purpose, Sealer

_KEY_BYTES = 64


@dataclass(frozen=True, slots=True)
class User:
    """A user; without ``api_key`` one that cannot call the API."""

    uuid: str
    username: str
    account: Account
    state: State = State.ENABLED
    api_key: str | None = None

    def caller(self) -> Caller:
        """Return the user as who calls the API."""
        owner = self.account
        return Caller(
            user_uuid=self.uuid,
            user=self.username,
            account_uuid=owner.uuid,
            account=owner.name,
            domain_uuid=owner.domain_uuid,
            domain=owner.domain,
            role=owner.role,
        )

    @property
    def enabled(self) -> bool:
        """Whether neither the user nor the account is disabled."""
        return self.state == self.account.state == State.ENABLED


@dataclass(frozen=True, slots=True)
class Keys:
    """A pair of keys: one names the user, the other signs."""

    api_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A user, and the secret key that its requests are signed with."""

    user: User
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users are looked for; what is empty does not count."""

    scope: Scope
    uuid: str = ""
    username: str = ""
    keyword: str = ""
    state: str = ""
    account_uuid: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what all of them fulfil."""
        same = (
            (user.c.uuid, self.uuid),
            (user.c.username, self.username),
            (user.c.state, self.state),
            (user.c.account, self.account_uuid),
        )
        wanted = [*of_scope(self.scope), *(column == value for column, value in same if value)]
        if self.keyword:
            wanted.append(has_keyword(user.c.username, self.keyword))
        return wanted


_columns = (user.c.uuid, user.c.username, user.c.state, user.c.api_key)
_in_account = user.join(account, user.c.account == account.c.uuid).join(
    domain, account.c.domain == domain.c.uuid
)
_all = select(*_columns, *account_columns).select_from(_in_account)


def new_keys() -> Keys:
    """Return random keys."""
    return Keys(secrets.token_urlsafe(_KEY_BYTES), secrets.token_urlsafe(_KEY_BYTES))


def add_user(db: Connection, added: User) -> None:
    """Store a user without keys, whose name is free in its account."""
    db.execute(
        insert(user).values(
            uuid=added.uuid,
            username=added.username,
            account=added.account.uuid,
            state=added.state.value,
        )
    )


def put_keys(db: Connection, sealer: Sealer, user_uuid: str, keys: Keys) -> None:
    """Give a user keys, in place of those that it had."""
    sealed = sealer.seal(keys.secret_key, Purpose.SECRET_KEY, user_uuid)
    values = {"api_key": keys.api_key, "secret_key": sealed}
    db.execute(update(user).where(user.c.uuid == user_uuid).values(values))


def delete_users(db: Connection, account_uuid: str) -> None:
    """Remove all users of an account."""
    db.execute(delete(user).where(user.c.account == account_uuid))


def delete_user(db: Connection, user_uuid: str) -> None:
    """Remove a user."""
    db.execute(delete(user).where(user.c.uuid == user_uuid))


def user_of(db: Connection, user_uuid: str) -> User | None:
    """Return the user of that uuid."""
    row = db.execute(_all.where(user.c.uuid == user_uuid)).one_or_none()
    return _read(*row) if row else None


def find_users(
    db: Connection, wanted: UserFilter, start: int, size: int
) -> tuple[int, tuple[User, ...]]:
    """Return how many users there are, and a page of them, by domain, account and name."""
    conditions = wanted.conditions()
    count = db.execute(select(func.count()).select_from(_in_account).where(*conditions))
    rows = db.execute(
        _all.where(*conditions)
        .order_by(domain.c.path, account.c.name, user.c.username)
        .offset(start)
        .limit(size)
    )
    return int(count.scalar_one()), tuple(_read(*row) for row in rows)


def users_of(db: Connection, account_uuids: list[str]) -> tuple[User, ...]:
    """Return the users of these accounts."""
    rows = db.execute(_all.where(user.c.account.in_(account_uuids)).order_by(user.c.username))
    return tuple(_read(*row) for row in rows)


def holder_of(db: Connection, sealer: Sealer, api_key: str) -> KeyHolder | None:
    """Return who has this API key.

    Raises:
        SecretUnreadable: the secret key was sealed under a key that is not there.
    """
    row = db.execute(_all.add_columns(user.c.secret_key).where(user.c.api_key == api_key))
    found = row.one_or_none()
    if found is None:
        # It takes as long as to open one.
        sealer.seal(api_key[:_KEY_BYTES], Purpose.SECRET_KEY, "")
        return None
    *rest, sealed = found
    return KeyHolder(_read(*rest), open_secret_key(sealer, rest[0], sealed))


def open_secret_key(sealer: Sealer, user_uuid: str, stored: str) -> str:
    """Return a secret key as it signs.

    Raises:
        SecretUnreadable: it was sealed under a key that is not there.
    """
    return sealer.unseal(stored, Purpose.SECRET_KEY, user_uuid)


def _read(uuid: str, username: str, state: str, api_key: str | None, *of_account: str) -> User:
    return User(uuid, username, read_account(*of_account), State(state), api_key)
