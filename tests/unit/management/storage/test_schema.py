import sqlite3
from pathlib import Path

from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.proxies import proxies
from consoleproxy.management.records.sessions import acquire, sessions
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import do
from tests.unit.management.world import PROXY, SEALER, SECRET, START, WEB

# As databases were made before there was a keystore in them.
OLDER = f"""
CREATE TABLE configuration (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE account (
    name TEXT PRIMARY KEY, api_key TEXT NOT NULL UNIQUE, secret_key TEXT NOT NULL
) STRICT;
CREATE TABLE console_proxy (
    name TEXT PRIMARY KEY, address TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
    tls INTEGER NOT NULL, session_max INTEGER NOT NULL, load_interval REAL NOT NULL,
    active_session INTEGER NOT NULL, last_update REAL NOT NULL
) STRICT;
CREATE TABLE console_session (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, created REAL NOT NULL,
    account TEXT NOT NULL, vm_uuid TEXT NOT NULL, proxy TEXT NOT NULL,
    console_endpoint_creator_address TEXT NOT NULL, client_address TEXT, acquired REAL,
    removed REAL
) STRICT;
CREATE INDEX console_session_vm ON console_session (vm_uuid, id);
CREATE INDEX console_session_proxy ON console_session (proxy, removed);
CREATE INDEX console_session_created ON console_session (created);
INSERT INTO account VALUES ('admin', 'key', 'secret');
INSERT INTO console_proxy VALUES (
    '{PROXY.name}', '{PROXY.address}', '{PROXY.host}', {PROXY.port}, 1, {PROXY.session_max},
    {PROXY.load_interval}, 0, {START}
);
INSERT INTO console_session VALUES (
    1, 'uuid', {START}, 'admin', '{WEB.uuid}', '{PROXY.name}', '', NULL, NULL, NULL
);
"""


def columns(path: Path) -> dict[str, list[tuple[str, str, bool, int]]]:
    """The columns of each table: name, type, not null, part of the primary key."""
    with sqlite3.connect(path) as db:
        names = [
            name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]
        found = {
            name: [
                (column[1], column[2], column[3] or column[5] > 0, column[5])
                for column in db.execute(f"PRAGMA table_info({name})")
            ]
            for name in names
        }
    db.close()
    return found


def test_older_databases_go_on(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    db = sqlite3.connect(path)
    db.executescript(OLDER)
    db.close()
    older = columns(path)
    for _ in range(2):
        store = Store(str(path))
        do(store, prepare_secrets, SEALER, SECRET)
        assert do(store, administrator, SEALER).secret_key == "secret"
        assert [proxy.description for proxy in do(store, proxies)] == [PROXY]
        store.close()
    store = Store(str(path))
    assert do(store, acquire, "uuid", WEB.uuid, PROXY.name, "203.0.113.7", START)
    (session,) = do(store, sessions)
    store.close()
    assert session.vm_uuid == WEB.uuid
    assert session.live

    Store(str(tmp_path / "new.db")).close()
    new = columns(tmp_path / "new.db")
    for name, before in older.items():
        if name != "account":
            assert new[name][: len(before)] == before
    assert new == columns(path)


def test_keystore_has_cloudstacks_columns(tmp_path: Path) -> None:
    Store(str(tmp_path / "management.db")).close()
    names = [column[0] for column in columns(tmp_path / "management.db")["keystore"]]
    assert names == ["id", "name", "certificate", "key", "domain_suffix", "seq"]
