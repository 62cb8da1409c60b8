"""Whose things are looked at: of everybody, of a domain, with those below or not, or an account."""

from dataclasses import dataclass

from consoleproxy.management.accounts.caller import Caller, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Owners, by the path of their domain and their account's name; empty stands for any.

    ``recursive``: those of the domains below, too. An account goes with its domain.
    """

    domain: str = ""
    recursive: bool = False
    account: str = ""

    @property
    def everything(self) -> bool:
        """Whether it is everybody's, known or not."""
        return not self.domain


EVERYTHING = Scope()


def own(caller: Caller) -> Scope:
    """Return the caller's own account."""
    return Scope(domain=caller.domain, account=caller.account)


def widest(caller: Caller) -> Scope:
    """Return all that the caller may see."""
    match caller.role:
        case Role.ADMIN:
            return EVERYTHING
        case Role.DOMAIN_ADMIN:
            return Scope(domain=caller.domain, recursive=True)
        case _:
            return own(caller)
