"""What every store does with domains, accounts and users, whatever database is behind it."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from consoleproxy.errors import SecretUnreadable
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.scope import EVERYTHING, Scope
from consoleproxy.management.records.accounts import (
    Account,
    AccountFilter,
    State,
    account_named,
    account_of,
    delete_account,
    enabled_root_admins,
    find_accounts,
    owners,
    set_account_state,
)
from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.domains import (
    Domain,
    delete_domain,
    domain_at,
    domain_of,
    domains_within,
    lock_accounts,
    root_domain,
)
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.used_signatures import use_signature, was_used
from consoleproxy.management.records.users import (
    Keys,
    User,
    UserFilter,
    delete_user,
    delete_users,
    find_users,
    holder_of,
    new_keys,
    put_keys,
    user_of,
    users_of,
)
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import content_of, do
from tests.unit.management.world import SEALER, SECRET, START, stored_user

ACME = "ROOT/acme"


def made(store: Store, account: str, path: str = ACME, role: Role = Role.USER) -> User:
    return do(store, stored_user, account, path, role, f"{account}'s")


class AdministratorContract:
    def test_hidden_values_are_made_once(self, store: Store) -> None:
        value = do(store, hidden_value, "security.hash.key", SEALER)
        assert len(value) == 22
        assert do(store, hidden_value, "security.hash.key", SEALER) == value
        assert do(store, hidden_value, "security.encryption.iv", SEALER) != value

    def test_it_is_made_once_and_found_by_its_key(self, store: Store) -> None:
        admin = do(store, administrator, SEALER)
        assert do(store, administrator, SEALER) == admin
        holder = do(store, holder_of, SEALER, admin.api_key)
        assert holder is not None
        assert (holder.secret_key, holder.user.enabled) == (admin.secret_key, True)
        assert holder.user.caller() == admin.caller
        assert (admin.caller.domain, admin.caller.role) == ("ROOT", Role.ADMIN)
        assert admin.secret_key not in repr(admin) + repr(holder) + repr(new_keys())

    def test_given_keys_replace_the_stored_ones(self, store: Store) -> None:
        old = do(store, administrator, SEALER)
        given = Keys("key", "secret")
        admin = do(store, administrator, SEALER, given)
        assert (admin.api_key, admin.secret_key) == ("key", "secret")
        assert admin.caller == old.caller
        assert do(store, administrator, SEALER) == admin
        assert do(store, holder_of, SEALER, old.api_key) is None

    def test_given_keys_are_nobody_elses(self, store: Store) -> None:
        other = made(store, "other")
        do(store, put_keys, SEALER, other.uuid, Keys("key", "another secret"))
        do(store, administrator, SEALER, Keys("key", "secret"))
        holder = do(store, holder_of, SEALER, "key")
        assert holder is not None
        assert holder.user.account.name == "admin"
        left = do(store, user_of, other.uuid)
        assert left is not None
        assert left.api_key is None

    def test_keys_that_are_gone_are_made_anew(self, store: Store) -> None:
        do(store, administrator, SEALER)
        store.run(lambda db: db.execute(text("UPDATE user SET api_key = NULL, secret_key = NULL")))
        admin = do(store, administrator, SEALER)
        assert do(store, holder_of, SEALER, admin.api_key) is not None


class DomainContract:
    def test_the_root_is_made_once(self, store: Store) -> None:
        with ThreadPoolExecutor(store.threads) as pool:
            found = {root.uuid for root in pool.map(lambda _: do(store, root_domain), range(8))}
        assert len(found) == 1
        root = do(store, root_domain)
        assert (root.path, root.parent, root.level) == ("ROOT", None, 0)

    def test_a_tree(self, store: Store) -> None:
        for path in ("ROOT/acme/tests", "ROOT/Acme", "ROOT/acme2", "ROOT/acme%"):
            made(store, "web", path)
        acme = do(store, domain_at, ACME)
        assert acme is not None
        assert do(store, domain_of, acme.uuid) == acme
        assert [one.path for one in do(store, domains_within, ACME)] == [ACME, "ROOT/acme/tests"]
        assert len(do(store, domains_within, "ROOT")) == 6
        tests = do(store, domain_at, "ROOT/acme/tests")
        assert tests == Domain(str(tests and tests.uuid), "tests", "ROOT/acme/tests", acme.uuid)
        assert tests is not None
        assert tests.level == 2
        do(store, delete_domain, tests.uuid)
        assert do(store, domain_of, tests.uuid) is None
        assert do(store, domain_at, "ROOT/ACME") is None
        do(store, lock_accounts)


class AccountContract:
    def test_accounts_come_back_as_they_were_put(self, store: Store) -> None:
        owner = made(store, "web", role=Role.DOMAIN_ADMIN).account
        assert (owner.domain, owner.role, owner.state) == (ACME, Role.DOMAIN_ADMIN, State.ENABLED)
        assert do(store, account_of, owner.uuid) == owner
        assert do(store, account_named, ACME, "web") == owner
        assert do(store, account_named, ACME, "Web") is None
        assert do(store, account_named, "ROOT", "web") is None
        do(store, set_account_state, owner.uuid, State.DISABLED)
        assert do(store, account_of, owner.uuid) == replace(owner, state=State.DISABLED)
        do(store, delete_users, owner.uuid)
        do(store, delete_account, owner.uuid)
        assert do(store, account_of, owner.uuid) is None

    def test_a_name_is_free_in_another_domain(self, store: Store) -> None:
        made(store, "web")
        made(store, "web", "ROOT/other")
        same = Account(str(uuid.uuid4()), "web", "", ACME, Role.USER)
        assert len(do(store, owners, EVERYTHING)) == 2
        assert same.name == "web"

    def test_accounts_are_found_in_their_scope(self, store: Store) -> None:
        admin = do(store, administrator, SEALER).caller
        for name, path in (("web", ACME), ("Deep", f"{ACME}/tests"), ("web", "ROOT/other")):
            made(store, name, path)

        def found(wanted: AccountFilter) -> list[tuple[str, str]]:
            count, page = do(store, find_accounts, wanted, 0, 10)
            assert count == len(page)
            return [(one.domain, one.name) for one in page]

        whole = [("ROOT", "admin"), (ACME, "web"), (f"{ACME}/tests", "Deep"), ("ROOT/other", "web")]
        assert found(AccountFilter(scope=EVERYTHING)) == whole
        below = Scope(domain=ACME, recursive=True)
        assert found(AccountFilter(scope=below)) == whole[1:3]
        assert do(store, owners, below) == {(ACME, "web"), (f"{ACME}/tests", "Deep")}
        assert found(AccountFilter(scope=Scope(domain=ACME))) == whole[1:2]
        assert found(AccountFilter(scope=Scope(domain=ACME, account="admin"))) == []
        assert found(AccountFilter(scope=EVERYTHING, uuid=admin.account_uuid)) == whole[:1]
        assert found(AccountFilter(scope=EVERYTHING, keyword="dEE")) == whole[2:3]
        assert found(AccountFilter(scope=EVERYTHING, role=Role.ADMIN)) == whole[:1]
        assert found(AccountFilter(scope=EVERYTHING, state="disabled")) == []
        assert do(store, find_accounts, AccountFilter(scope=EVERYTHING), 3, 1)[1][0].name == "web"

    def test_root_admins_who_can_do_something(self, store: Store) -> None:
        do(store, administrator, SEALER)
        assert do(store, enabled_root_admins) == 1
        other = made(store, "other", "ROOT", Role.ADMIN)
        assert do(store, enabled_root_admins) == 1
        do(store, put_keys, SEALER, other.uuid, new_keys())
        assert do(store, enabled_root_admins) == 2
        do(store, set_account_state, other.account.uuid, State.DISABLED)
        assert do(store, enabled_root_admins) == 1


class UserContract:
    def test_users_come_back_as_they_were_put(self, store: Store) -> None:
        user = made(store, "web")
        assert do(store, user_of, user.uuid) == user
        assert do(store, users_of, [user.account.uuid]) == (user,)
        do(store, delete_user, user.uuid)
        assert do(store, user_of, user.uuid) is None

    def test_users_are_found_in_their_scope(self, store: Store) -> None:
        user = made(store, "web")
        made(store, "other", "ROOT/other")

        def found(wanted: UserFilter) -> list[str]:
            count, page = do(store, find_users, wanted, 0, 10)
            assert count == len(page)
            return [one.username for one in page]

        assert found(UserFilter(scope=EVERYTHING)) == ["web's", "other's"]
        assert found(UserFilter(scope=Scope(domain=ACME))) == ["web's"]
        assert found(UserFilter(scope=EVERYTHING, uuid=user.uuid)) == ["web's"]
        assert found(UserFilter(scope=EVERYTHING, username="other's")) == ["other's"]
        assert found(UserFilter(scope=EVERYTHING, keyword="WEB")) == ["web's"]
        assert found(UserFilter(scope=EVERYTHING, account_uuid=user.account.uuid)) == ["web's"]
        assert found(UserFilter(scope=EVERYTHING, state="disabled")) == []

    def test_keys_have_letters_of_either_case(self, store: Store) -> None:
        user, keys = made(store, "web"), new_keys()
        do(store, put_keys, SEALER, user.uuid, keys)
        assert do(store, holder_of, SEALER, keys.api_key) is not None
        assert do(store, holder_of, SEALER, keys.api_key.swapcase()) is None
        assert do(store, holder_of, SEALER, "") is None

    def test_new_keys_replace_the_old_ones(self, store: Store) -> None:
        user, old, new = made(store, "web"), new_keys(), new_keys()
        for keys in (old, new):
            do(store, put_keys, SEALER, user.uuid, keys)
        assert do(store, holder_of, SEALER, old.api_key) is None
        holder = do(store, holder_of, SEALER, new.api_key)
        assert holder is not None
        assert holder.secret_key == new.secret_key

    def test_secret_keys_are_sealed(self, store: Store) -> None:
        user, keys = made(store, "web"), new_keys()
        do(store, put_keys, SEALER, user.uuid, keys)
        assert keys.secret_key not in do(store, content_of, "user")
        with pytest.raises(SecretUnreadable):
            do(store, holder_of, Sealer.of(new_key()), keys.api_key)

    def test_secret_keys_of_databases_from_before_are_sealed_at_start(self, store: Store) -> None:
        user, keys = made(store, "web"), Keys("key", "secret")
        do(store, put_keys, SEALER, user.uuid, keys)
        store.run(lambda db: db.execute(text("UPDATE user SET secret_key = 'secret'")))
        assert do(store, prepare_secrets, SEALER, SECRET) == {Purpose.SECRET_KEY: 1}
        holder = do(store, holder_of, SEALER, "key")
        assert holder is not None
        assert holder.secret_key == "secret"

    def test_disabled_with_the_account(self, store: Store) -> None:
        user = made(store, "web")
        assert user.enabled
        assert not replace(user, state=State.DISABLED).enabled
        do(store, set_account_state, user.account.uuid, State.DISABLED)
        found = do(store, user_of, user.uuid)
        assert found is not None
        assert not found.enabled


class SignatureContract:
    def test_a_signature_is_used_once(self, store: Store) -> None:
        assert do(store, use_signature, "user", "signature", START + 600, START)
        assert not do(store, use_signature, "user", "signature", START + 600, START + 1)
        assert do(store, use_signature, "user", "another", START + 600, START)
        assert do(store, use_signature, "another", "signature", START + 600, START)
        assert do(store, was_used, "another", "signature")
        assert not do(store, was_used, "somebody", "signature")

    def test_of_many_at_once_one_uses_it(self, store: Store) -> None:
        for number in range(20):
            with ThreadPoolExecutor(store.threads) as pool:
                tries = [
                    pool.submit(do, store, use_signature, "user", f"{number}", START + 600, START)
                    for _ in range(store.threads * 2)
                ]
            assert [used.result() for used in tries].count(True) == 1

    def test_expired_ones_are_forgotten(self, store: Store) -> None:
        for number in range(3):
            do(store, use_signature, "user", f"{number}", START + 600, START)
        do(store, use_signature, "user", "later", START + 2000, START + 901)
        assert do(store, content_of, "used_signature").count("(") == 1
