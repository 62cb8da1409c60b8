"""Databases become those of this version on MariaDB as well, where no change can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.scope import EVERYTHING
from consoleproxy.management.records.accounts import owners
from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.proxies import proxies, register
from consoleproxy.management.storage import schema, upgrade
from consoleproxy.management.storage.migrations import REVISIONS
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.integration.fixtures.mariadb import PASSWORD, MariaDb, session_server
from tests.unit.management.before import NEXT, add_revision, open_at_once
from tests.unit.management.contracts import do
from tests.unit.management.world import PROXY, SEALER, SECRET, START, stored_user

_STRUCTURE = (
    "SELECT table_name, engine, table_collation FROM information_schema.tables"
    " WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default,"
    " collation_name, column_key, extra FROM information_schema.columns"
    " WHERE table_schema = DATABASE() ORDER BY 1, 2",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3",
)


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture
def database(mariadb: MariaDb) -> str:
    return mariadb.make_database()


@pytest.fixture
def engine(database: str) -> Engine:
    return engine_of(database)


def engine_of(location: str) -> Engine:
    """Return a way past the store, which keeps no connection."""
    # Of a text, the driver takes Latin-1 only.
    url = make_url(location).set(drivername="mariadb+pymysql", password="")
    return create_engine(url, poolclass=NullPool, connect_args={"password": PASSWORD.encode()})


def structure(engine: Engine) -> list[object]:
    with engine.connect() as db:
        return [db.exec_driver_sql(query).all() for query in _STRUCTURE]


def revisions(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return list(db.scalars(text("SELECT version_num FROM alembic_version")))


def make_as_before(engine: Engine, database: str, *missing: str) -> None:
    """Make a database that has no revision, with a proxy in it, and without some tables."""
    store = Store(database)
    do(store, register, PROXY, START)
    store.close()
    with engine.begin() as db:
        for table in ("alembic_version", *missing):
            db.exec_driver_sql(f"DROP TABLE {table}")


def test_tables_are_those_of_the_schema(engine: Engine, database: str) -> None:
    Store(database).close()
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_server_default": True})
        assert compare_metadata(context, schema.tables) == []


def test_revisions_make_what_is_made_at_once(mariadb: MariaDb) -> None:
    found = []
    for at_once in (True, False):
        location = mariadb.make_database()
        engine = engine_of(location)
        if not at_once:
            # One table of a database from before is enough, and the rest is made by the revisions.
            others = set(schema.tables.tables) - {"console_proxy"}
            make_as_before(engine, location, *others)
        Store(location).close()
        assert revisions(engine) == [REVISIONS[-1]]
        found.append(structure(engine))
    assert found[0] == found[1]


def test_upgrade_that_broke_off_goes_on(engine: Engine, database: str) -> None:
    make_as_before(engine, database, "keystore", "async_job")
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    store = Store(database)
    assert [proxy.description for proxy in do(store, proxies)] == [PROXY]
    store.close()
    assert revisions(engine) == [REVISIONS[-1]]


@pytest.mark.parametrize("rows_went", [0, 1])
def test_accounts_whose_way_broke_off(engine: Engine, database: str, rows_went: int) -> None:
    """They become root admins with the same keys, from wherever an earlier try broke off."""
    store = Store(database)
    do(store, prepare_secrets, SEALER, SECRET)
    for user in ("admin", "other"):
        do(store, stored_user, user, "ROOT", Role.ADMIN, user)
    store.close()
    with engine.begin() as db:
        before = "(name VARCHAR(255) PRIMARY KEY, api_key VARCHAR(255), secret_key VARCHAR(255))"
        db.exec_driver_sql(f"CREATE TABLE account_0001 {before}")
        db.exec_driver_sql("INSERT INTO account_0001 VALUES ('admin', 'key', 's'), ('x', 'k', 's')")
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
        db.exec_driver_sql("DELETE FROM user")
        db.exec_driver_sql("DELETE FROM account WHERE name = 'other'")
        if not rows_went:
            db.exec_driver_sql("DELETE FROM account")
            db.exec_driver_sql("DROP TABLE user")
    store = Store(database)
    do(store, prepare_secrets, SEALER, SECRET)
    admin = do(store, administrator, SEALER)
    assert (admin.api_key, admin.secret_key) == ("key", "s")
    assert do(store, owners, EVERYTHING) == {("ROOT", "admin"), ("ROOT", "x")}
    store.close()
    with engine.connect() as db:
        assert not db.dialect.has_table(db, "account_0001")


def test_next_revision_that_broke_off(
    engine: Engine, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(database).close()
    add_revision(tmp_path / "migrations", monkeypatch)
    for _ in range(2):
        Store(database).close()
        assert revisions(engine) == [NEXT]
        with engine.begin() as db:
            db.exec_driver_sql("SELECT note FROM configuration")
            # As where the server was killed between the two.
            db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{REVISIONS[-1]}'")


@pytest.mark.parametrize("before", [False, True])
def test_servers_that_start_at_once(engine: Engine, database: str, before: bool) -> None:
    if before:
        make_as_before(engine, database, "served_keystore")
    open_at_once(database)
    assert revisions(engine) == [REVISIONS[-1]]


def test_another_server_that_takes_too_long(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "_LOCK_SECONDS", 0)
    with engine.connect() as other:
        upgrade.upgrade(other)
        other.commit()
        with engine.begin() as db:
            db.exec_driver_sql("DROP TABLE alembic_version")
        with pytest.raises(SettingsInvalid, match="by another management server: start this one"):
            Store(database)
    Store(database).close()


def test_database_of_a_newer_version_is_refused(engine: Engine, database: str) -> None:
    Store(database).close()
    before = structure(engine)
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SettingsInvalid, match=r":\*\*\*@.*newer version.*9999"):
        Store(database)
    assert structure(engine) == before
