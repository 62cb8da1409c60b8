import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.scope import EVERYTHING, Scope
from consoleproxy.management.api.call import Call
from consoleproxy.management.api.owners import (
    asked_scope,
    managed_account,
    managed_user,
    manages,
    may_open,
    ruled_domain,
    sight_of,
)
from consoleproxy.management.records.users import User
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import do
from tests.unit.management.world import stored_user

ACME = "ROOT/acme"


@pytest.fixture
def people(store: Store) -> dict[str, User]:
    made = (
        ("admin", "ROOT", Role.ADMIN),
        ("plain", "ROOT", Role.USER),
        ("boss", ACME, Role.DOMAIN_ADMIN),
        ("peer", ACME, Role.DOMAIN_ADMIN),
        ("web", ACME, Role.USER),
        ("deep", f"{ACME}/tests", Role.DOMAIN_ADMIN),
        ("other", "ROOT/other", Role.USER),
    )
    return {name: do(store, stored_user, name, path, role, name) for name, path, role in made}


def call(user: User, **parameters: str) -> Call:
    return Call(user.caller(), "", parameters)


def status(store: Store, work: object, *given: object) -> int:
    with pytest.raises(ManagementRequestRefused) as caught:
        do(store, work, *given)  # type: ignore[arg-type]
    return caught.value.status


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("admin", {"admin", "plain", "boss", "peer", "web", "deep", "other"}),
        ("boss", {"boss", "peer", "web", "deep"}),
        ("deep", {"deep"}),
        ("web", set()),
    ],
)
def test_who_manages_whom(store: Store, people: dict[str, User], who: str, whom: set[str]) -> None:
    caller = people[who].caller()
    assert {name for name, user in people.items() if manages(caller, user.account)} == whom
    for name, user in people.items():
        if name in whom or name == who:
            assert do(store, managed_user, caller, user.uuid.upper()) == user
        else:
            assert status(store, managed_user, caller, user.uuid) == 531
        if name in whom:
            assert do(store, managed_account, call(people[who], id=user.account.uuid)) == (
                user.account
            )
        else:
            assert status(store, managed_account, call(people[who], id=user.account.uuid)) == 531
    missing = 431 if who == "admin" else 531
    assert status(store, managed_user, caller, "nobody") == missing
    assert status(store, managed_account, call(people[who], id="nobody")) == missing


def test_accounts_by_name(store: Store, people: dict[str, User]) -> None:
    boss, deep = people["boss"], people["deep"].account
    assert do(store, managed_account, call(boss, account="web")) == people["web"].account
    assert do(store, managed_account, call(boss, account="deep", domainid=deep.domain_uuid)) == deep
    assert status(store, managed_account, call(boss, account="Web")) == 531
    assert status(store, managed_account, call(boss)) == 431


def test_domains(store: Store, people: dict[str, User]) -> None:
    boss, web = people["boss"].caller(), people["web"].caller()
    assert do(store, ruled_domain, boss, people["deep"].account.domain_uuid).path == f"{ACME}/tests"
    assert do(store, ruled_domain, web, web.domain_uuid).path == ACME
    other = people["other"].account.domain_uuid
    assert status(store, ruled_domain, boss, other) == 531
    assert status(store, ruled_domain, boss, "unknown") == 531
    assert status(store, ruled_domain, people["admin"].caller(), "unknown") == 431


def test_scopes(store: Store, people: dict[str, User]) -> None:
    admin, boss, web = people["admin"], people["boss"], people["web"]
    assert do(store, asked_scope, call(admin)) == Scope(domain="ROOT", account="admin")
    assert do(store, asked_scope, call(admin, listall="true")) == EVERYTHING
    assert do(store, asked_scope, call(admin), everything=True) == EVERYTHING
    narrowed = do(store, asked_scope, call(boss, listall="false"), everything=True)
    assert narrowed == Scope(domain=ACME, account="boss")
    assert do(store, asked_scope, call(boss, listall="true")) == Scope(domain=ACME, recursive=True)
    assert do(store, asked_scope, call(boss, account="web")) == Scope(domain=ACME, account="web")
    assert status(store, asked_scope, call(boss, account="nobody")) == 431
    assert do(store, asked_scope, call(web, listall="true")) == Scope(domain=ACME, account="web")
    assert status(store, asked_scope, call(web, account="boss")) == 531


def test_what_belongs_to_nobody(store: Store, people: dict[str, User]) -> None:
    admin, boss, web = (people[name].caller() for name in ("admin", "boss", "web"))
    assert do(store, sight_of, EVERYTHING).holds(ACME, "nobody")
    below = do(store, sight_of, Scope(domain=ACME, recursive=True))
    assert below.holds(f"{ACME}/tests", "deep")
    assert not below.holds(ACME, "nobody")
    assert do(store, may_open, admin, ACME, "nobody")
    assert not do(store, may_open, boss, ACME, "nobody")
    assert do(store, may_open, boss, ACME, "web")
    assert do(store, may_open, web, ACME, "web")
    assert not do(store, may_open, web, ACME, "boss")
