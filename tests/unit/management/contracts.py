"""What every store does, whatever database is behind it; tests subclass these for their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import Connection, text

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.rows import KeystoreRow
from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.channel.hand_over import HandedKeystore
from consoleproxy.management.records.jobs import AsyncJob, add_job, job_of
from consoleproxy.management.records.keystores import (
    keystore_rows,
    lock_keystore,
    put_keystore_rows,
    serve,
    served,
    served_version,
)
from consoleproxy.management.records.proxies import proxies, register, take_load
from consoleproxy.management.records.sessions import (
    ConsoleSession,
    SessionFilter,
    acquire,
    add_session,
    find_sessions,
    forget_sessions,
    sessions,
    take_back,
)
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.store import Store
from consoleproxy.session.load import Pace
from tests.unit.management.world import PROXY, SEALER, START, WEB

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

SESSION = ConsoleSession(
    uuid="870ed27a-4852-4fb3-a37d-c4c10a1d202f",
    created=START + 0.123456,
    account="admin",
    vm_uuid=WEB.uuid,
    proxy="cpvm-1",
    creator_address="203.0.113.7",
)
SERVER = KeystoreRow(
    name="CPVMCertificate",
    certificate="the certificate",
    key="the private key",
    domain_suffix="*.console.example.org",
)
ROOT = KeystoreRow(name="root1", certificate="the root's", domain_suffix="example.org", seq=1)
JOB = AsyncJob("job", "admin", "Upload", START, 0, '{"message": "ü"}', "account id")


def do(
    store: Store,
    work: Callable[Concatenate[Connection, _Given], _Result],
    *given: _Given.args,
    **named: _Given.kwargs,
) -> _Result:
    """Run one function of the records in a transaction of its own."""
    return store.run(lambda db: work(db, *given, **named))


def use(store: Store, proxy: str = "cpvm-1") -> None:
    do(store, add_session, SESSION)
    assert do(store, acquire, SESSION.uuid, WEB.uuid, proxy, "203.0.113.7", START + 1)


def report(live: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> LoadReport:
    return LoadReport("cpvm-1", len(live), live, removed)


def only_session(store: Store) -> ConsoleSession:
    (session,) = do(store, sessions)
    return session


def content_of(db: Connection, table: str) -> str:
    return str(db.execute(text(f"SELECT * FROM {table}")).all())


class ProxyContract:
    def test_load_report_counts_and_removes(self, store: Store) -> None:
        do(store, register, PROXY, START)
        use(store)
        assert do(store, take_load, report(live=(SESSION.uuid,)), START + 5)
        (proxy,) = do(store, proxies)
        assert (proxy.active_sessions, proxy.last_update) == (1, START + 5)
        assert proxy.description == PROXY
        assert do(store, take_load, report(removed=(SESSION.uuid, "unknown")), START + 10)
        assert do(store, take_load, report(removed=(SESSION.uuid,)), START + 15)
        assert only_session(store).removed == START + 10

    def test_sessions_are_found_by_any_of_their_sides(self, store: Store) -> None:
        use(store)
        other = replace(SESSION, uuid="other", vm_uuid="vm-2", created=START + 100)
        do(store, add_session, other)

        def found(wanted: SessionFilter) -> list[str]:
            count, page = do(store, find_sessions, wanted, 0, 10)
            assert count == len(page)
            return [session.uuid for session in page]

        assert found(SessionFilter()) == ["other", SESSION.uuid]
        assert found(SessionFilter(live_only=True)) == [SESSION.uuid]
        assert found(SessionFilter(acquired=False)) == ["other"]
        assert found(SessionFilter(acquired=True, client_address="203.0.113.7")) == [SESSION.uuid]
        assert found(SessionFilter(uuid="other", vm_uuid="vm-2")) == ["other"]
        assert found(SessionFilter(proxy="cpvm-1", since=START + 50)) == ["other"]
        assert found(SessionFilter(account="admin", until=START + 50)) == [SESSION.uuid]
        assert found(SessionFilter(creator_address="198.51.100.1")) == []
        assert do(store, find_sessions, SessionFilter(), 1, 1)[1][0].uuid == SESSION.uuid

    def test_load_report_tells_of_changed_settings(self, store: Store) -> None:
        do(store, register, PROXY, START)
        do(store, take_load, replace(report(), pace=Pace(7, 0.5)), START)
        do(store, take_load, report(), START)
        (proxy,) = do(store, proxies)
        assert proxy.description == replace(PROXY, session_max=7, load_interval=0.5)

    def test_load_report_that_changes_nothing(self, store: Store) -> None:
        do(store, register, PROXY, START)
        assert do(store, take_load, report(), START)
        assert do(store, take_load, report(), START)

    def test_load_report_of_an_unregistered_proxy(self, store: Store) -> None:
        assert not do(store, take_load, report(), START)
        assert do(store, proxies) == ()

    def test_session_that_a_report_shows_open_is_open(self, store: Store) -> None:
        do(store, register, PROXY, START)
        use(store)
        do(store, take_load, report(removed=(SESSION.uuid,)), START + 5)
        do(store, take_load, report(live=(SESSION.uuid,)), START + 10)
        assert only_session(store).live

    def test_unused_session_is_not_removed_by_a_report(self, store: Store) -> None:
        do(store, register, PROXY, START)
        do(store, add_session, SESSION)
        do(store, take_load, report(removed=(SESSION.uuid,)), START + 5)
        assert only_session(store).removed is None

    def test_sessions_of_a_proxy_that_starts_are_over(self, store: Store) -> None:
        use(store)
        for moment in (START + 20, START + 30):
            do(store, register, replace(PROXY, port=8080), moment)
        assert only_session(store).removed == START + 20
        (proxy,) = do(store, proxies)
        assert (proxy.description.port, proxy.last_update) == (8080, START + 30)


class SessionContract:
    def test_session_is_acquired_once(self, store: Store) -> None:
        use(store)
        again = do(store, acquire, SESSION.uuid, WEB.uuid, "cpvm-1", "203.0.113.7", START + 2)
        assert not again
        used = replace(SESSION, client_address="203.0.113.7", acquired=START + 1)
        assert only_session(store) == used
        assert used.live

    def test_of_many_at_once_one_acquires(self, store: Store) -> None:
        for number in range(20):
            uuid = f"session {number}"
            do(store, add_session, replace(SESSION, uuid=uuid))
            with ThreadPoolExecutor(store.threads) as pool:
                tries = [
                    pool.submit(do, store, acquire, uuid, WEB.uuid, "cpvm-1", f"{n}", START)
                    for n in range(store.threads * 2)
                ]
            winners = [n for n, acquired in enumerate(tries) if acquired.result()]
            assert len(winners) == 1
            newest = do(store, find_sessions, SessionFilter(vm_uuid=WEB.uuid), 0, 1)[1][0]
            assert (newest.uuid, newest.client_address) == (uuid, str(winners[0]))

    def test_session_of_another_vm_is_not_acquired(self, store: Store) -> None:
        do(store, add_session, SESSION)
        assert not do(store, acquire, SESSION.uuid, "another", "cpvm-1", "", START)
        assert not only_session(store).live

    def test_session_belongs_to_the_proxy_that_acquired_it(self, store: Store) -> None:
        use(store, proxy="cpvm-2")
        assert only_session(store).proxy == "cpvm-2"
        do(store, register, PROXY, START)
        do(store, take_load, report(removed=(SESSION.uuid,)), START + 2)
        assert only_session(store).live

    @pytest.mark.parametrize(
        ("proxy", "since", "expected"),
        [("cpvm-1", START + 5, True), ("cpvm-1", START + 6, False), ("cpvm-2", START, False)],
    )
    def test_session_comes_back_to_its_proxy_in_time(
        self, store: Store, proxy: str, since: float, expected: bool
    ) -> None:
        do(store, register, PROXY, START)
        use(store)
        do(store, take_load, report(removed=(SESSION.uuid,)), START + 5)
        assert do(store, take_back, SESSION.uuid, WEB.uuid, proxy, since) is expected
        assert only_session(store).live is expected

    def test_session_comes_back_before_its_end_was_reported(self, store: Store) -> None:
        use(store)
        assert do(store, take_back, SESSION.uuid, WEB.uuid, "cpvm-1", START + 100)

    def test_unused_session_does_not_come_back(self, store: Store) -> None:
        do(store, add_session, SESSION)
        assert not do(store, take_back, SESSION.uuid, WEB.uuid, "cpvm-1", START)

    def test_the_newest_session_of_a_vm_comes_first(self, store: Store) -> None:
        for uuid, vm_uuid in [("first", WEB.uuid), ("second", WEB.uuid), ("third", "another")]:
            do(store, add_session, replace(SESSION, uuid=uuid, vm_uuid=vm_uuid))
        count, (last, *_) = do(store, find_sessions, SessionFilter(vm_uuid=WEB.uuid), 0, 10)
        assert (count, last.uuid) == (2, "second")
        assert do(store, find_sessions, SessionFilter(vm_uuid="never"), 0, 10) == (0, ())

    def test_old_sessions_go_and_open_ones_stay(self, store: Store) -> None:
        do(store, register, PROXY, START)
        for uuid in ("unused", "over", "open"):
            do(store, add_session, replace(SESSION, uuid=uuid))
        for uuid in ("over", "open"):
            do(store, acquire, uuid, WEB.uuid, "cpvm-1", "", START)
        do(store, take_load, report(live=("open",), removed=("over",)), START)
        do(store, add_session, replace(SESSION, uuid="new", created=START + 100))
        do(store, forget_sessions, START)
        assert len(do(store, sessions)) == 4
        do(store, forget_sessions, START + 50)
        assert {session.uuid for session in do(store, sessions)} == {"open", "new"}


class KeystoreContract:
    def test_rows_come_back_as_they_were_put(self, store: Store) -> None:
        assert do(store, keystore_rows, SEALER) == ()
        do(store, put_keystore_rows, (ROOT, SERVER), SEALER)
        assert do(store, keystore_rows, SEALER) == (ROOT, SERVER)
        assert do(store, keystore_rows, SEALER, without=SERVER.name) == (ROOT,)

    def test_rows_that_are_put_replace_all_others(self, store: Store) -> None:
        do(store, put_keystore_rows, (ROOT, SERVER), SEALER)
        renewed = replace(SERVER, certificate="another" * 5000, key="another key")
        do(store, put_keystore_rows, (renewed,), SEALER)
        assert do(store, keystore_rows, SEALER) == (renewed,)

    def test_private_keys_are_sealed(self, store: Store) -> None:
        do(store, put_keystore_rows, (SERVER,), SEALER)
        do(store, serve, b"the private key", SEALER)
        raw = [do(store, content_of, table) for table in ("keystore", "served_keystore")]
        assert "the certificate" in raw[0]
        assert not any("the private key" in content for content in raw)
        another = Sealer.of(new_key())
        with pytest.raises(KeystoreInvalid, match="was sealed under key"):
            do(store, keystore_rows, another)
        with pytest.raises(KeystoreInvalid, match="upload"):
            do(store, served, another)

    def test_key_in_the_clear_is_taken(self, store: Store) -> None:
        do(store, put_keystore_rows, (SERVER,), SEALER)
        key = "-----BEGIN" + " …"
        store.run(lambda db: db.execute(text("UPDATE keystore SET `key` = :key"), {"key": key}))
        (row,) = do(store, keystore_rows, SEALER)
        assert row.key == key

    def test_version_changes_with_what_is_served(self, store: Store) -> None:
        assert do(store, served_version) == ""
        do(store, lock_keystore)
        assert do(store, served_version) == ""
        assert do(store, served, SEALER) == HandedKeystore()
        first = do(store, serve, b"first", SEALER)
        assert do(store, served, SEALER) == HandedKeystore(first, b"first")
        assert do(store, serve, b"second", SEALER) != first
        assert do(store, serve, b"first", SEALER) == first == do(store, served_version)


class JobContract:
    def test_job_is_found_by_its_uuid(self, store: Store) -> None:
        do(store, add_job, JOB)
        assert do(store, job_of, "job") == JOB
        assert do(store, job_of, "another") is None

    def test_old_jobs_go(self, store: Store) -> None:
        do(store, add_job, JOB)
        do(store, add_job, replace(JOB, uuid="new", created=START + 25 * 3600))
        assert do(store, job_of, "job") is None
