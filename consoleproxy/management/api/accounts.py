"""The API commands about accounts."""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused, ParameterInvalid, PermissionRefused
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.names import NAME_RULE, ROOT, is_name
from consoleproxy.management.accounts.scope import widest
from consoleproxy.management.api.call import (
    EVERYBODY,
    MANAGERS,
    Answer,
    Call,
    Command,
    listing,
)
from consoleproxy.management.api.jobs import Jobs
from consoleproxy.management.api.owners import (
    asked_scope,
    managed_account,
    manages,
    ruled_domain,
)
from consoleproxy.management.api.parameters import (
    KEYWORD,
    OWNER,
    PAGE,
    Parameter,
    flag,
    identifier,
    number,
)
from consoleproxy.management.api.users import (
    PERSON,
    is_first,
    keep_an_admin,
    made_user,
    user_answer,
    user_name,
)
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.accounts import (
    Account,
    AccountFilter,
    State,
    account_named,
    account_of,
    add_account,
    delete_account,
    find_accounts,
    set_account_state,
)
from consoleproxy.management.records.domains import lock_accounts
from consoleproxy.management.records.endings import order_ends_of_account
from consoleproxy.management.records.users import User, delete_users, users_of
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

_PACKAGE = "org.apache.cloudstack.api.command.admin.account."
_DISABLE, _DELETE = f"{_PACKAGE}DisableAccountCmd", f"{_PACKAGE}DeleteAccountCmd"
_ROLES = {"0": Role.USER, "1": Role.ADMIN, "2": Role.DOMAIN_ADMIN}
_TYPES = {role: int(number) for number, role in _ROLES.items()}
_WHICH = (
    identifier("id", "of the account"),
    Parameter("account", "its name, with domainid or in the caller's own domain"),
    identifier("domainid", "its domain"),
)


@dataclass(frozen=True, slots=True)
class AccountCommands:
    """What the commands work on; ``clock`` gives seconds since 1970."""

    database: Database
    jobs: Jobs
    live: Live
    clock: Callable[[], float]

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "createAccount": Command(
                self.create_account,
                MANAGERS,
                "Makes an account with one user, without keys.",
                (
                    number("accounttype", "0 user, 1 root admin, 2 domain admin", required=True),
                    Parameter("username", "name of its first user", required=True),
                    Parameter("account", "its name; the user's by default"),
                    identifier("domainid", "its domain; the caller's by default"),
                    *PERSON,
                ),
            ),
            "listAccounts": Command(
                self.list_accounts,
                EVERYBODY,
                "Lists accounts with their users.",
                (
                    identifier("id", "of one account"),
                    Parameter("name", "only those of this name"),
                    number("accounttype", "0 user, 1 root admin, 2 domain admin"),
                    Parameter("state", "enabled or disabled"),
                    KEYWORD,
                    *OWNER[1:],
                    *PAGE,
                ),
            ),
            "disableAccount": Command(
                self.disable_account,
                MANAGERS,
                "Lets nobody of an account call the API, and ends its consoles and links.",
                (*_WHICH, flag("lock", "taken, and makes no difference")),
                is_async=True,
            ),
            "enableAccount": Command(
                self.enable_account, MANAGERS, "Undoes disableAccount.", _WHICH
            ),
            "deleteAccount": Command(
                self.delete_account,
                MANAGERS,
                "Removes an account with its users, and ends its consoles and links.",
                (identifier("id", "of the account", required=True),),
                is_async=True,
            ),
        }

    async def create_account(self, call: Call) -> Answer:
        """``createAccount``, of an ``accounttype``, with one user of ``username``."""
        role, name = _role(call.required("accounttype")), call.text("account")
        username = user_name(call)
        name = name or username
        if not is_name(name):
            raise ParameterInvalid(f"account cannot be the name of an account: it has {NAME_RULE}")

        def work(db: Connection) -> User:
            lock_accounts(db)
            domain_uuid = call.text("domainid") or call.caller.domain_uuid
            domain = ruled_domain(db, call.caller, domain_uuid)
            made = Account(str(uuid.uuid4()), name, domain.uuid, domain.path, role)
            if not manages(call.caller, made):
                raise PermissionRefused
            if (role is Role.ADMIN) != (domain.path == ROOT) and role is not Role.USER:
                raise ParameterInvalid(
                    "Root admins belong in the domain ROOT, and domain admins below it"
                )
            if account_named(db, domain.path, name) is not None:
                raise ParameterInvalid(f"The account {name} already exists in domain {domain.path}")
            add_account(db, made)
            return made_user(db, made, username)

        user = await self.database.run(work)
        account = user.account
        _log.info("%s made account %s in %s", call.account, account.name, account.domain)
        return {"account": account_answer(account, (user,))}

    async def list_accounts(self, call: Call) -> Answer:
        """``listAccounts``, by ``id``, ``name``, ``accounttype``, ``state`` and domain."""
        page, wanted = call.page(), call.text("id").lower()
        role = _role(call.text("accounttype")) if call.text("accounttype") else None

        def work(db: Connection) -> tuple[int, list[Answer]]:
            named = wanted or call.text("name")
            scope = widest(call.caller) if named else asked_scope(db, call)
            count, found = find_accounts(
                db,
                AccountFilter(
                    scope=scope,
                    uuid=wanted,
                    name=call.text("name"),
                    keyword=call.text("keyword"),
                    role=role,
                    state=call.text("state").lower(),
                ),
                page.start,
                page.size,
            )
            users = users_of(db, [account.uuid for account in found])
            return count, [account_answer(account, users) for account in found]

        count, answers = await self.database.run(work)
        return listing("account", count, answers)

    async def disable_account(self, call: Call) -> Answer:
        """``disableAccount``, by ``id`` or ``account`` and ``domainid``."""

        def work(db: Connection) -> Answer:
            account = _disable(db, call)
            self._end_consoles(db, account)
            return {"account": _now(db, account)}

        return await self._as_job(call, _DISABLE, work)

    async def enable_account(self, call: Call) -> Answer:
        """``enableAccount``, by ``id`` or ``account`` and ``domainid``."""
        answer = await self.database.run(lambda db: _enable(db, call))
        _log.info("%s: enableAccount %s", call.account, answer["account"])
        return answer

    async def delete_account(self, call: Call) -> Answer:
        """``deleteAccount``, by ``id``."""

        def work(db: Connection) -> Answer:
            self._end_consoles(db, _delete(db, call))
            return {"success": True}

        return await self._as_job(call, _DELETE, work)

    def _end_consoles(self, db: Connection, account: Account) -> None:
        window = self.live.now.reconnection_window
        order_ends_of_account(db, account.uuid, self.clock(), window)

    async def _as_job(
        self, call: Call, command: str, work: Callable[[Connection], Answer]
    ) -> Answer:
        try:
            answer = await self.database.run(work)
        except ManagementRequestRefused as refusal:
            return await self.jobs.failed(call, command, refusal)
        _log.info("%s: %s of %s", call.account, command.rpartition(".")[2], answer)
        return await self.jobs.succeeded(call, command, answer)


def _disable(db: Connection, call: Call) -> Account:
    lock_accounts(db)
    account = managed_account(db, call)
    set_account_state(db, account.uuid, State.DISABLED)
    keep_an_admin(db)
    return account


def _enable(db: Connection, call: Call) -> Answer:
    lock_accounts(db)
    account = managed_account(db, call)
    set_account_state(db, account.uuid, State.ENABLED)
    return {"account": _now(db, account)}


def _delete(db: Connection, call: Call) -> Account:
    lock_accounts(db)
    account = managed_account(db, call)
    if account.uuid == call.caller.account_uuid:
        raise PermissionRefused("An account is not deleted by its own users")
    if is_first(account):
        raise ParameterInvalid(
            "The account that this server began with cannot be deleted; it may be disabled"
        )
    delete_users(db, account.uuid)
    delete_account(db, account.uuid)
    keep_an_admin(db)
    return account


def _now(db: Connection, account: Account) -> Answer:
    users = users_of(db, [account.uuid])
    return account_answer(account_of(db, account.uuid) or account, users)


def _role(text: str) -> Role:
    if text not in _ROLES:
        raise ParameterInvalid("accounttype must be 0 (user), 1 (root admin) or 2 (domain admin)")
    return _ROLES[text]


def account_answer(account: Account, users: tuple[User, ...]) -> Answer:
    """Return an account as the API shows it, with those of the users that are its own."""
    return {
        "id": account.uuid,
        "name": account.name,
        "accounttype": _TYPES[account.role],
        "roletype": account.role.value,
        "rolename": account.role.value,
        "domainid": account.domain_uuid,
        "domain": account.domain.rpartition("/")[2],
        "domainpath": account.domain,
        "state": account.state.value,
        "user": [user_answer(user) for user in users if user.account.uuid == account.uuid],
    }
