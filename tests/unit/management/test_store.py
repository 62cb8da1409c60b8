import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.channel import LoadReport
from consoleproxy.management.store import Account, ConsoleSession, Store
from tests.unit.management.world import PROXY, START, WEB

SESSION = ConsoleSession(
    uuid="870ed27a-4852-4fb3-a37d-c4c10a1d202f",
    created=START,
    account="admin",
    vm_uuid=WEB.uuid,
    proxy="cpvm-1",
    creator_address="203.0.113.7",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(str(tmp_path / "management.db"))
    yield store
    store.close()


def acquired(store: Store, proxy: str = "cpvm-1") -> None:
    store.add_session(SESSION)
    assert store.acquire(SESSION.uuid, WEB.uuid, proxy, "203.0.113.7", START + 1)


def report(live: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> LoadReport:
    return LoadReport("cpvm-1", len(live), live, removed)


def only_session(store: Store) -> ConsoleSession:
    (session,) = store.sessions()
    return session


def test_only_its_owner_may_read_the_files(tmp_path: Path, store: Store) -> None:
    store.hidden_value("security.hash.key")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_hidden_values_are_made_once(tmp_path: Path, store: Store) -> None:
    value = store.hidden_value("security.hash.key")
    assert len(value) == 22
    assert store.hidden_value("security.hash.key") == value
    assert store.hidden_value("security.encryption.iv") != value
    again = Store(str(tmp_path / "management.db"))
    assert again.hidden_value("security.hash.key") == value
    again.close()


def test_account_is_made_once_and_found_by_its_key(store: Store) -> None:
    account = store.account_named("admin")
    assert store.account_named("admin") == account
    assert store.account_of(account.api_key) == account
    assert store.account_of("") is None
    assert account.secret_key not in repr(account)


def test_given_account_replaces_the_stored_one(store: Store) -> None:
    old = store.account_named("admin")
    store.put_account(Account("admin", "key", "secret"))
    assert store.account_of("key") == Account("admin", "key", "secret")
    assert store.account_of(old.api_key) is None


def test_session_is_acquired_once(store: Store) -> None:
    acquired(store)
    assert not store.acquire(SESSION.uuid, WEB.uuid, "cpvm-1", "203.0.113.7", START + 2)
    assert only_session(store) == replace(SESSION, client_address="203.0.113.7", acquired=START + 1)
    assert only_session(store).live


def test_session_of_another_vm_is_not_acquired(store: Store) -> None:
    store.add_session(SESSION)
    assert not store.acquire(SESSION.uuid, "another", "cpvm-1", "203.0.113.7", START)
    assert not only_session(store).live


def test_session_belongs_to_the_proxy_that_acquired_it(store: Store) -> None:
    acquired(store, proxy="cpvm-2")
    assert only_session(store).proxy == "cpvm-2"
    store.register(PROXY, START)
    store.take_load(report(removed=(SESSION.uuid,)), START + 2)
    assert only_session(store).live


def test_load_report_counts_and_removes(store: Store) -> None:
    store.register(PROXY, START)
    acquired(store)
    assert store.take_load(report(live=(SESSION.uuid,)), START + 5)
    (proxy,) = store.proxies()
    assert (proxy.active_sessions, proxy.last_update) == (1, START + 5)
    assert proxy.description == PROXY
    assert store.take_load(report(removed=(SESSION.uuid, "unknown")), START + 10)
    assert store.take_load(report(removed=(SESSION.uuid,)), START + 15)
    assert only_session(store).removed == START + 10
    assert store.live_sessions() == ()


def test_unused_session_is_not_removed_by_a_report(store: Store) -> None:
    store.register(PROXY, START)
    store.add_session(SESSION)
    store.take_load(report(removed=(SESSION.uuid,)), START + 5)
    assert only_session(store).removed is None


def test_load_report_of_an_unregistered_proxy(store: Store) -> None:
    assert not store.take_load(report(), START)
    assert store.proxies() == ()


def test_session_that_a_report_shows_open_is_open(store: Store) -> None:
    store.register(PROXY, START)
    acquired(store)
    store.take_load(report(removed=(SESSION.uuid,)), START + 5)
    store.take_load(report(live=(SESSION.uuid,)), START + 10)
    assert only_session(store).live


def test_sessions_of_a_proxy_that_starts_are_over(store: Store) -> None:
    acquired(store)
    store.register(PROXY, START + 20)
    assert only_session(store).removed == START + 20


@pytest.mark.parametrize(
    ("proxy", "since", "expected"),
    [("cpvm-1", START + 5, True), ("cpvm-1", START + 6, False), ("cpvm-2", START, False)],
)
def test_session_comes_back_to_its_proxy_in_time(
    store: Store, proxy: str, since: float, expected: bool
) -> None:
    store.register(PROXY, START)
    acquired(store)
    store.take_load(report(removed=(SESSION.uuid,)), START + 5)
    assert store.take_back(SESSION.uuid, WEB.uuid, proxy, since) is expected
    assert only_session(store).live is expected


def test_session_comes_back_before_its_end_was_reported(store: Store) -> None:
    acquired(store)
    assert store.take_back(SESSION.uuid, WEB.uuid, "cpvm-1", START + 100)


def test_unused_session_does_not_come_back(store: Store) -> None:
    store.add_session(SESSION)
    assert not store.take_back(SESSION.uuid, WEB.uuid, "cpvm-1", START)


def test_last_session_is_the_newest_of_the_vm(store: Store) -> None:
    store.add_session(SESSION)
    store.add_session(replace(SESSION, uuid="second"))
    store.add_session(replace(SESSION, uuid="third", vm_uuid="another"))
    last = store.last_session(WEB.uuid)
    assert last is not None
    assert last.uuid == "second"
    assert store.last_session("never") is None


def test_old_sessions_go_and_open_ones_stay(store: Store) -> None:
    store.register(PROXY, START)
    for uuid in ("unused", "over", "open"):
        store.add_session(replace(SESSION, uuid=uuid))
    for uuid in ("over", "open"):
        store.acquire(uuid, WEB.uuid, "cpvm-1", "", START)
    store.take_load(report(live=("open",), removed=("over",)), START)
    store.add_session(replace(SESSION, uuid="new", created=START + 241 * 3600))
    assert {session.uuid for session in store.sessions()} == {"open", "new"}
