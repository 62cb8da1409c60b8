"""Who calls the API, and whose things that caller may see."""

from dataclasses import dataclass
from enum import StrEnum

from consoleproxy.management.accounts.names import ROOT, is_within


class Role(StrEnum):
    """What an account may do; CloudStack's names."""

    ADMIN = "Admin"
    DOMAIN_ADMIN = "DomainAdmin"
    USER = "User"


@dataclass(frozen=True, slots=True)
class Caller:
    """A user of an account in a domain; ``domain`` is its path, as ``ROOT/acme``."""

    user_uuid: str
    user: str
    account_uuid: str
    account: str
    domain_uuid: str
    domain: str
    role: Role

    def rules(self, domain: str) -> bool:
        """Whether the caller manages the accounts of this domain (by path)."""
        match self.role:
            case Role.ADMIN:
                return True
            case Role.DOMAIN_ADMIN:
                return is_within(domain, self.domain)
            case _:
                return False

    def may_see(self, domain: str, account: str) -> bool:
        """Whether what belongs to this account, in the domain of this path, is the caller's to see.

        That there is such an account is not looked up here.
        """
        return self.rules(domain) or (domain, account) == (self.domain, self.account)


def root_admin(account: str) -> Caller:
    """Return an account of the root domain that may do everything."""
    return Caller("", account, "", account, "", ROOT, Role.ADMIN)
