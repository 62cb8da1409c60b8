import pytest

from consoleproxy.management.accounts.caller import Caller, Role, root_admin

ACME = "ROOT/acme"


def caller(role: Role, domain: str = ACME) -> Caller:
    return Caller("user id", "jane", "account id", "web", "domain id", domain, role)


def test_a_root_admin_sees_all() -> None:
    admin = root_admin("admin")
    assert (admin.role, admin.domain, admin.account) == (Role.ADMIN, "ROOT", "admin")
    assert admin.rules(ACME)
    assert admin.may_see("ROOT/nowhere", "nobody")


@pytest.mark.parametrize(
    ("domain", "seen"), [(ACME, True), (f"{ACME}/x", True), ("ROOT", False), (f"{ACME}2", False)]
)
def test_a_domain_admin_sees_the_domain_and_those_below(domain: str, seen: bool) -> None:
    admin = caller(Role.DOMAIN_ADMIN)
    assert admin.rules(domain) is seen
    assert admin.may_see(domain, "anybody") is seen


@pytest.mark.parametrize(
    ("domain", "account", "seen"),
    [
        (ACME, "web", True),
        (ACME, "Web", False),
        (ACME, "other", False),
        ("ROOT", "web", False),
        (f"{ACME}/x", "web", False),
    ],
)
def test_a_user_sees_the_own_account(domain: str, account: str, seen: bool) -> None:
    user = caller(Role.USER)
    assert not user.rules(domain)
    assert user.may_see(domain, account) is seen
