"""Whose things a command looks at or changes, and that the caller may.

All are functions of a transaction, in which what they found stays so.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ParameterInvalid, PermissionRefused
from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.accounts.scope import Scope, own, widest
from consoleproxy.management.api.call import Call
from consoleproxy.management.records.accounts import Account, account_named, account_of, owners
from consoleproxy.management.records.domains import Domain, domain_of
from consoleproxy.management.records.users import User, user_of

# A domain admin manages other domain admins of the domain, but nobody who may do more.
_RANKS = {Role.USER: 0, Role.DOMAIN_ADMIN: 1, Role.ADMIN: 2}


@dataclass(frozen=True, slots=True)
class Sight:
    """The accounts of a scope that there are; what belongs to no account, only all may show."""

    scope: Scope
    known: frozenset[tuple[str, str]]

    def holds(self, domain: str, account: str) -> bool:
        """Whether what this account has, in the domain of this path, is seen."""
        return self.scope.everything or (domain, account) in self.known


def sight_of(db: Connection, scope: Scope) -> Sight:
    """Return the accounts of a scope."""
    return Sight(scope, frozenset() if scope.everything else owners(db, scope))


def asked_scope(db: Connection, call: Call, *, everything: bool = False) -> Scope:
    """Return whose things a request is about, by ``account``, ``domainid`` and the like.

    Args:
        everything: without any of these it is about all that the caller may see, and not, as
            with most commands of CloudStack's, about the caller's own account.

    Raises:
        ManagementRequestRefused: 431, there is no such account or domain; 531, it is not the
            caller's.
    """
    caller, name, domain_uuid = call.caller, call.text("account"), call.text("domainid")
    recursive, listall = call.flag("isrecursive"), call.flag("listall")
    if not name and not domain_uuid:
        return widest(caller) if listall or (everything and listall is None) else own(caller)
    path = ruled_domain(db, caller, domain_uuid).path if domain_uuid else caller.domain
    if caller.role is Role.USER:
        if name not in ("", caller.account):
            raise PermissionRefused
        return own(caller)
    if not name:
        return Scope(domain=path, recursive=recursive is True)
    if (path, name) != (caller.domain, caller.account):
        if not caller.rules(path):
            raise PermissionRefused
        if account_named(db, path, name) is None:
            raise ParameterInvalid(f"Unable to find account {name} in domain {path}")
    return Scope(domain=path, account=name)


def ruled_domain(db: Connection, caller: Caller, uuid: str) -> Domain:
    """Return a domain that the caller manages, or is in.

    Raises:
        ManagementRequestRefused: 431 or 531
    """
    found = domain_of(db, uuid.lower())
    if found is not None and (caller.rules(found.path) or found.uuid == caller.domain_uuid):
        return found
    # Whether there is one elsewhere is not told.
    if caller.role is not Role.ADMIN:
        raise PermissionRefused
    raise ParameterInvalid(f"Unable to find domain by id {uuid}")


def managed_account(db: Connection, call: Call) -> Account:
    """Return the account that a request names, by ``id`` or by ``account`` and ``domainid``.

    Raises:
        ManagementRequestRefused: 431 or 531
    """
    uuid, name = call.text("id").lower(), call.text("account")
    if uuid:
        found = account_of(db, uuid)
    elif name:
        domain_uuid = call.text("domainid") or call.caller.domain_uuid
        path = ruled_domain(db, call.caller, domain_uuid).path
        found = account_named(db, path, name)
    else:
        raise ParameterInvalid("name the account: by id, or by account and domainid")
    if found is not None and manages(call.caller, found):
        return found
    if call.caller.role is not Role.ADMIN:
        raise PermissionRefused
    raise ParameterInvalid(f"Unable to find account {uuid or name}")


def managed_user(db: Connection, caller: Caller, uuid: str) -> User:
    """Return a user whom the caller manages, or is.

    Raises:
        ManagementRequestRefused: 431 or 531
    """
    found = user_of(db, uuid.lower())
    if found is not None and (found.uuid == caller.user_uuid or manages(caller, found.account)):
        return found
    if caller.role is not Role.ADMIN:
        raise PermissionRefused
    raise ParameterInvalid(f"Unable to find user by id {uuid}")


def manages(caller: Caller, account: Account) -> bool:
    """Whether the caller may change an account and its users."""
    return caller.rules(account.domain) and _RANKS[account.role] <= _RANKS[caller.role]


def may_open(db: Connection, caller: Caller, domain: str, account: str) -> bool:
    """Whether the caller may open consoles of an account's machines."""
    if caller.role is Role.ADMIN:
        return True
    return caller.may_see(domain, account) and account_named(db, domain, account) is not None
