"""The account that this server begins with: ``admin`` in the root domain, with one user."""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.records.accounts import State
from consoleproxy.management.records.domains import root_domain
from consoleproxy.management.records.users import (
    Keys,
    new_keys,
    open_secret_key,
    put_keys,
    user_of,
)
from consoleproxy.management.storage.schema import account, user
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.upsert import insert_or_keep

ADMINISTRATOR = "admin"


@dataclass(frozen=True, slots=True)
class Administrator:
    """A root admin with keys; ``caller`` is its user."""

    caller: Caller
    api_key: str
    secret_key: str = field(repr=False)


def administrator(db: Connection, sealer: Sealer, given: Keys | None = None) -> Administrator:
    """Return the account ``admin``, made with new keys on first use.

    Args:
        given: keys that it has from now on.

    Raises:
        SecretUnreadable: its secret key was sealed under a key that is not there.
    """
    user_uuid = _user(db, _account(db), sealer)
    if given is not None:
        _take_from_others(db, user_uuid, given.api_key)
        put_keys(db, sealer, user_uuid, given)
    found = user_of(db, user_uuid)
    if found is not None and found.api_key is None:
        put_keys(db, sealer, user_uuid, new_keys())
        found = user_of(db, user_uuid)
    stored = db.execute(select(user.c.secret_key).where(user.c.uuid == user_uuid)).scalar_one()
    if found is None or found.api_key is None or stored is None:
        raise LookupError("the administrator that was just stored is not there")
    secret_key = open_secret_key(sealer, user_uuid, stored)
    return Administrator(found.caller(), found.api_key, secret_key)


def _account(db: Connection) -> str:
    root = root_domain(db)
    this = (account.c.domain == root.uuid, account.c.name == ADMINISTRATOR)
    found = db.execute(select(account.c.uuid).where(*this)).scalar()
    if found is None:
        values = {
            "uuid": str(uuid.uuid4()),
            "name": ADMINISTRATOR,
            "domain": root.uuid,
            "role": Role.ADMIN.value,
            "state": State.ENABLED.value,
        }
        insert_or_keep(db, account, values)
        found = db.execute(select(account.c.uuid).where(*this)).scalar_one()
    return str(found)


def _user(db: Connection, account_uuid: str, sealer: Sealer) -> str:
    this = (user.c.account == account_uuid, user.c.username == ADMINISTRATOR)
    found = db.execute(select(user.c.uuid, user.c.api_key).where(*this)).one_or_none()
    if found is None:
        made, keys = str(uuid.uuid4()), new_keys()
        values = {
            "uuid": made,
            "username": ADMINISTRATOR,
            "account": account_uuid,
            "state": State.ENABLED.value,
            "api_key": keys.api_key,
            "secret_key": sealer.seal(keys.secret_key, Purpose.SECRET_KEY, made),
        }
        insert_or_keep(db, user, values)
        return str(db.execute(select(user.c.uuid).where(*this)).scalar_one())
    return str(found.uuid)


def _take_from_others(db: Connection, user_uuid: str, api_key: str) -> None:
    others = (user.c.api_key == api_key, user.c.uuid != user_uuid)
    db.execute(update(user).where(*others).values(api_key=None, secret_key=None))
