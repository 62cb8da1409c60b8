import pytest

from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.accounts.scope import EVERYTHING, Scope, own, widest


def caller(role: Role) -> Caller:
    return Caller("user id", "jane", "account id", "web", "domain id", "ROOT/acme", role)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.ADMIN, EVERYTHING),
        (Role.DOMAIN_ADMIN, Scope(domain="ROOT/acme", recursive=True)),
        (Role.USER, Scope(domain="ROOT/acme", account="web")),
    ],
)
def test_all_that_a_caller_may_see(role: Role, scope: Scope) -> None:
    assert widest(caller(role)) == scope
    assert own(caller(role)) == Scope(domain="ROOT/acme", account="web")
    assert scope.everything is (role is Role.ADMIN)
