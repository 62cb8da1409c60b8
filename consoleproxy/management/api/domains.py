"""The API commands about domains: ``createDomain``, ``listDomains``, ``deleteDomain``."""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused, ParameterInvalid, PermissionRefused
from consoleproxy.management.accounts.names import NAME_RULE, PATH_LETTERS, ROOT, is_name
from consoleproxy.management.accounts.scope import Scope
from consoleproxy.management.api.call import MANAGERS, Answer, Call, Command, page_of
from consoleproxy.management.api.jobs import Jobs
from consoleproxy.management.api.owners import ruled_domain
from consoleproxy.management.api.parameters import (
    KEYWORD,
    PAGE,
    Parameter,
    flag,
    identifier,
    number,
)
from consoleproxy.management.records.accounts import AccountFilter, delete_account, find_accounts
from consoleproxy.management.records.domains import (
    Domain,
    add_domain,
    delete_domain,
    domain_at,
    domains_within,
    lock_accounts,
)
from consoleproxy.management.records.users import delete_users
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

_DELETE = "org.apache.cloudstack.api.command.admin.domain.DeleteDomainCmd"
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class DomainCommands:
    """What the commands work on."""

    database: Database
    jobs: Jobs

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "createDomain": Command(
                self.create_domain,
                MANAGERS,
                "Makes a domain.",
                (
                    Parameter("name", "its name", required=True),
                    identifier("parentdomainid", "of the domain above; the caller's by default"),
                ),
            ),
            "listDomains": Command(
                self.list_domains,
                MANAGERS,
                "Lists domains.",
                (
                    identifier("id", "of one domain"),
                    Parameter("name", "only those of this name"),
                    number("level", "only those so far below the root"),
                    flag("listall", "all that the caller manages, as without it for root admins"),
                    KEYWORD,
                    *PAGE,
                ),
            ),
            "deleteDomain": Command(
                self.delete_domain,
                MANAGERS,
                "Removes a domain.",
                (
                    identifier("id", "of the domain", required=True),
                    flag("cleanup", "with all domains, accounts and users in it"),
                ),
                is_async=True,
            ),
        }

    async def create_domain(self, call: Call) -> Answer:
        """``createDomain``, by ``name``, below ``parentdomainid``."""
        name = call.required("name")
        if not is_name(name):
            raise ParameterInvalid(f"name cannot be the name of a domain: it has {NAME_RULE}")
        made = str(uuid.uuid4())

        def work(db: Connection) -> Answer:
            lock_accounts(db)
            parent_uuid = call.text("parentdomainid") or call.caller.domain_uuid
            above = ruled_domain(db, call.caller, parent_uuid)
            path = f"{above.path}/{name}"
            if len(path) > PATH_LETTERS:
                raise ParameterInvalid(f"the domain's path has more than {PATH_LETTERS} characters")
            if domain_at(db, path) is not None:
                raise ParameterInvalid(f"Domain {path} is there already")
            added = Domain(made, name, path, above.uuid)
            add_domain(db, added)
            return domain_answer(added, (above, added))

        answer = await self.database.run(work)
        _log.info("%s made domain %s", call.account, answer["path"])
        return {"domain": answer}

    async def list_domains(self, call: Call) -> Answer:
        """``listDomains``, by ``id``, ``name``, ``keyword`` or ``level``."""
        caller, wanted = call.caller, call.text("id").lower()
        known = await self.database.run(lambda db: domains_within(db, caller.domain))
        if wanted and not any(domain.uuid == wanted for domain in known):
            await self.database.run(lambda db: ruled_domain(db, caller, wanted))
        # As in CloudStack, one who manages only a part sees that part's top alone without it.
        own_only = not wanted and caller.domain != ROOT and call.flag("listall") is not True
        return page_of(
            call,
            "domain",
            [
                domain_answer(domain, known)
                for domain in known
                if wanted in ("", domain.uuid)
                and call.text("name") in ("", domain.name)
                and call.text("keyword").lower() in domain.name.lower()
                and call.text("level") in ("", str(domain.level))
                and not (own_only and domain.path != caller.domain)
            ],
        )

    async def delete_domain(self, call: Call) -> Answer:
        """``deleteDomain``, by ``id``; with all that is in it if ``cleanup`` is true."""

        def work(db: Connection) -> str:
            lock_accounts(db)
            domain = ruled_domain(db, call.caller, call.required("id"))
            if domain.path == ROOT or domain.uuid == call.caller.domain_uuid:
                raise PermissionRefused(f"Domain {domain.path} cannot be deleted by its own")
            _empty(db, domain, clean_up=call.flag("cleanup") is True)
            return domain.path

        try:
            path = await self.database.run(work)
        except ManagementRequestRefused as refusal:
            return await self.jobs.failed(call, _DELETE, refusal)
        _log.info("%s deleted domain %s", call.account, path)
        return await self.jobs.succeeded(call, _DELETE, {"success": True})


def _empty(db: Connection, domain: Domain, *, clean_up: bool) -> None:
    within = AccountFilter(scope=Scope(domain=domain.path, recursive=True))
    _, accounts = find_accounts(db, within, 0, _MANY)
    domains = domains_within(db, domain.path)
    if not clean_up and (accounts or len(domains) > 1):
        raise ParameterInvalid(
            f"Domain {domain.path} has domains or accounts in it: delete them first, or set "
            "cleanup to true"
        )
    for account in accounts:
        delete_users(db, account.uuid)
        delete_account(db, account.uuid)
    for below in domains:
        delete_domain(db, below.uuid)


def domain_answer(domain: Domain, known: tuple[Domain, ...]) -> Answer:
    """Return a domain as the API shows it; ``known`` are those around it."""
    parent = next((other for other in known if other.uuid == domain.parent), None)
    answer: Answer = {
        "id": domain.uuid,
        "name": domain.name,
        "level": domain.level,
        "haschild": any(other.parent == domain.uuid for other in known),
        "path": domain.path,
        "state": "Active",
    }
    if domain.parent is not None:
        answer["parentdomainid"] = domain.parent
    if parent is not None:
        answer["parentdomainname"] = parent.name
    return answer
