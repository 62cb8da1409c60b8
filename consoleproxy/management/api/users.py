"""The API commands about users and their keys. There are no passwords: keys are all there is."""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ParameterInvalid
from consoleproxy.management.accounts.names import NAME_RULE, is_name
from consoleproxy.management.accounts.scope import Scope, widest
from consoleproxy.management.api.call import (
    EVERYBODY,
    MANAGERS,
    Answer,
    Call,
    Command,
    listing,
)
from consoleproxy.management.api.owners import asked_scope, managed_account, managed_user
from consoleproxy.management.api.parameters import KEYWORD, OWNER, PAGE, Parameter, identifier
from consoleproxy.management.records.accounts import Account, enabled_root_admins
from consoleproxy.management.records.administrator import ADMINISTRATOR
from consoleproxy.management.records.domains import lock_accounts
from consoleproxy.management.records.users import (
    User,
    UserFilter,
    add_user,
    delete_user,
    find_users,
    new_keys,
    put_keys,
    user_of,
)
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer

_log = logging.getLogger(__name__)

# CloudStack's clients must send them; there is no use for them here, and they are not stored.
PERSON = tuple(
    Parameter(name, "taken, and not kept")
    for name in ("firstname", "lastname", "email", "password", "timezone")
)
_TYPES = {"User": 0, "Admin": 1, "DomainAdmin": 2}


@dataclass(frozen=True, slots=True)
class UserCommands:
    """What the commands work on; ``sealer`` seals secret keys."""

    database: Database
    sealer: Sealer

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        of_user = (identifier("id", "of the user", required=True),)
        return {
            "createUser": Command(
                self.create_user,
                MANAGERS,
                "Makes a user of an account, without keys.",
                (
                    Parameter("username", "its name", required=True),
                    Parameter("account", "the account", required=True),
                    identifier("domainid", "the account's domain; the caller's by default"),
                    *PERSON,
                ),
            ),
            "listUsers": Command(
                self.list_users,
                EVERYBODY,
                "Lists users.",
                (
                    identifier("id", "of one user"),
                    Parameter("username", "only those of this name"),
                    Parameter("state", "enabled or disabled"),
                    KEYWORD,
                    *OWNER,
                    *PAGE,
                ),
            ),
            "deleteUser": Command(self.delete_user, MANAGERS, "Removes a user.", of_user),
            "registerUserKeys": Command(
                self.register_user_keys,
                EVERYBODY,
                "Gives a user new keys, which are shown this once; those of before end.",
                of_user,
            ),
        }

    async def create_user(self, call: Call) -> Answer:
        """``createUser``, by ``username``, in ``account`` of ``domainid``."""
        name = user_name(call)

        def work(db: Connection) -> User:
            lock_accounts(db)
            return made_user(db, managed_account(db, call), name)

        user = await self.database.run(work)
        _log.info("%s made user %s of %s", call.account, user.username, user.account.name)
        return {"user": user_answer(user)}

    async def list_users(self, call: Call) -> Answer:
        """``listUsers``, by ``id``, ``username``, ``state`` and whose they are."""
        page = call.page()
        wanted = call.text("id").lower()

        def work(db: Connection) -> tuple[int, tuple[User, ...]]:
            scope = widest(call.caller) if wanted else asked_scope(db, call)
            return find_users(
                db,
                UserFilter(
                    scope=scope,
                    uuid=wanted,
                    username=call.text("username"),
                    keyword=call.text("keyword"),
                    state=call.text("state").lower(),
                ),
                page.start,
                page.size,
            )

        count, found = await self.database.run(work)
        return listing("user", count, [user_answer(user) for user in found])

    async def delete_user(self, call: Call) -> Answer:
        """``deleteUser``, by ``id``."""

        def work(db: Connection) -> User:
            lock_accounts(db)
            user = managed_user(db, call.caller, call.required("id"))
            if is_first(user.account) and user.username == ADMINISTRATOR:
                raise ParameterInvalid("The user that this server began with cannot be deleted")
            delete_user(db, user.uuid)
            keep_an_admin(db)
            return user

        user = await self.database.run(work)
        _log.info("%s deleted user %s of %s", call.account, user.username, user.account.name)
        return {"success": True}

    async def register_user_keys(self, call: Call) -> Answer:
        """``registerUserKeys``, by ``id``: one's own, or those of a user whom one manages."""
        keys = new_keys()

        def work(db: Connection) -> User:
            lock_accounts(db)
            user = managed_user(db, call.caller, call.required("id"))
            put_keys(db, self.sealer, user.uuid, keys)
            return user

        user = await self.database.run(work)
        _log.info("%s gave user %s of %s keys", call.account, user.username, user.account.name)
        return {"userkeys": {"apikey": keys.api_key, "secretkey": keys.secret_key}}


def user_name(call: Call) -> str:
    """Return the name of a user that is to be made.

    Raises:
        ManagementRequestRefused: 431
    """
    name = call.required("username")
    if not is_name(name):
        raise ParameterInvalid(f"username cannot be the name of a user: it has {NAME_RULE}")
    return name


def made_user(db: Connection, account: Account, name: str) -> User:
    """Store a user; as in CloudStack, its name is free in the whole domain.

    Raises:
        ManagementRequestRefused: 431, it is not.
    """
    same = UserFilter(scope=Scope(domain=account.domain), username=name)
    if find_users(db, same, 0, 1)[0]:
        raise ParameterInvalid(f"The user {name} already exists in domain {account.domain}")
    user = User(str(uuid.uuid4()), name, account)
    add_user(db, user)
    return user_of(db, user.uuid) or user


def is_first(account: Account) -> bool:
    """Whether it is the account that this server began with."""
    return (account.domain, account.name) == ("ROOT", ADMINISTRATOR)


def keep_an_admin(db: Connection) -> None:
    """Refuse a change after which nobody could do everything.

    Raises:
        ManagementRequestRefused: 431; the transaction is to be given up.
    """
    if not enabled_root_admins(db):
        raise ParameterInvalid(
            "That would leave no root admin who is enabled and has keys: make another one first"
        )


def user_answer(user: User) -> Answer:
    """Return a user as the API shows it, without the secret key."""
    account = user.account
    answer: Answer = {
        "id": user.uuid,
        "username": user.username,
        "state": user.state.value,
        "account": account.name,
        "accountid": account.uuid,
        "accounttype": _TYPES[account.role],
        "roletype": account.role.value,
        "rolename": account.role.value,
        "domainid": account.domain_uuid,
        "domain": account.domain.rpartition("/")[2],
    }
    if user.api_key is not None:
        answer["apikey"] = user.api_key
    return answer
