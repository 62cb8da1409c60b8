"""The store does the same on SQLite and on MariaDB, also when the server goes away."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from consoleproxy.errors import ManagementRequestRefused, SettingsInvalid
from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.proxies import proxies, register, take_load
from consoleproxy.management.records.sessions import acquire, add_session
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.store import Store
from tests.integration.fixtures.mariadb import PASSWORD, MariaDb, session_server
from tests.unit.management.accounts_contract import (
    AccountContract,
    AdministratorContract,
    DomainContract,
    SignatureContract,
    UserContract,
)
from tests.unit.management.contracts import (
    SESSION,
    JobContract,
    KeystoreContract,
    ProxyContract,
    SessionContract,
    do,
    report,
)
from tests.unit.management.rotation_contract import RotationContract
from tests.unit.management.sealing_contract import SealingContract
from tests.unit.management.settings_contract import SettingsContract
from tests.unit.management.world import PROXY, SEALER, START, WEB


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def database(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    """A ``consoleproxy.manage.database`` of either kind, without anything in it."""
    return mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


class TestAdministrator(AdministratorContract):
    pass


class TestDomains(DomainContract):
    pass


class TestAccounts(AccountContract):
    pass


class TestUsers(UserContract):
    pass


class TestSignatures(SignatureContract):
    pass


class TestProxies(ProxyContract):
    pass


class TestSessions(SessionContract):
    pass


class TestKeystore(KeystoreContract):
    pass


class TestJobs(JobContract):
    pass


class TestSealing(SealingContract):
    pass


class TestRotation(RotationContract):
    pass


class TestSettings(SettingsContract):
    pass


def test_servers_beside_each_other(database: str) -> None:
    """Several management servers start on the same database, and use each session once."""

    def opened(_: int) -> Store:
        return Store(database)

    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(opened, range(4)))
        values = set(pool.map(lambda store: do(store, hidden_value, "name", SEALER), stores))
        accounts = set(pool.map(lambda store: do(store, administrator, SEALER), stores))
        assert (len(values), len(accounts)) == (1, 1)
        for number in range(20):
            uuid = f"session {number}"
            do(stores[0], add_session, replace(SESSION, uuid=uuid))
            tries = [
                pool.submit(do, store, acquire, uuid, WEB.uuid, "cpvm-1", "", START)
                for store in stores
            ]
            assert [acquired.result() for acquired in tries].count(True) == 1
    for store in stores:
        store.close()


def test_transactions_that_get_in_each_others_way(database: str) -> None:
    """Reports that touch the same rows in opposite order all go through."""
    stores = [Store(database) for _ in range(4)]
    store = stores[0]
    uuids = tuple(f"session {number}" for number in range(10))
    do(store, register, PROXY, START)
    for uuid in uuids:
        do(store, add_session, replace(SESSION, uuid=uuid))
        do(store, acquire, uuid, WEB.uuid, PROXY.name, "", START)

    def work(db: Connection, order: int) -> None:
        for uuid in uuids[::order]:
            take_load(db, report(removed=(uuid,)), START)
            take_load(db, report(live=(uuid,)), START)

    def often(number: int) -> bool:
        for _ in range(5):
            do(stores[number], work, (-1) ** number)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(often, range(4)))
    for store in stores:
        store.close()


def test_threads_side_by_side_on_mariadb(mariadb: MariaDb) -> None:
    met = threading.Barrier(4)

    def meet(db: Connection) -> int:
        connection = db.execute(text("SELECT CONNECTION_ID()")).scalar_one()
        met.wait(10)
        return int(connection)

    async def scenario() -> list[int]:
        database = await Database.open(mariadb.make_database())
        connections = await asyncio.gather(*(database.run(meet) for _ in range(4)))
        await database.close()
        return connections

    assert len(set(asyncio.run(scenario()))) == 4


def test_closed_connections_are_made_again(mariadb: MariaDb) -> None:
    store = Store(mariadb.make_database())
    do(store, register, PROXY, START)
    assert mariadb.close_connections() >= 1
    assert len(do(store, proxies)) == 1
    store.close()


def test_too_long_is_an_error_and_never_cut_off(mariadb: MariaDb) -> None:
    store = Store(mariadb.make_database())
    with pytest.raises(Exception, match="Data too long"):
        do(store, register, replace(PROXY, name="n" * 256), START)
    assert do(store, proxies) == ()
    store.close()


def test_wrong_password(mariadb: MariaDb, caplog: pytest.LogCaptureFixture) -> None:
    location = mariadb.make_database().replace("p%40ss", "wr0ng")
    with pytest.raises(SettingsInvalid, match="Access denied for user 'operator'") as caught:
        Store(location)
    assert ":***@" in str(caught.value)
    assert "wr0ng" not in str(caught.value) + caplog.text


def test_database_that_is_not_there(mariadb: MariaDb) -> None:
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.manage\.database=mysql\+pymysql"):
        Store(f"{mariadb.make_database()}0")


def test_a_server_that_goes_away_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    server = MariaDb()
    try:
        location = server.make_database()
        store = Store(location)
        do(store, register, PROXY, START)
        server.stop()
        with caplog.at_level(logging.ERROR):
            for _ in range(2):
                with pytest.raises(ManagementRequestRefused, match="database cannot be used"):
                    do(store, proxies)
        assert "the database cannot be used" in caplog.text
        assert PASSWORD not in caplog.text
        with pytest.raises(SettingsInvalid, match="see that the server runs"):
            Store(location)
        server.start()
        assert [proxy.description for proxy in do(store, proxies)] == [PROXY]
        store.close()
    finally:
        server.remove()
