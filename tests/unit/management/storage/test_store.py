import logging
import sqlite3
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from consoleproxy.errors import ManagementRequestRefused, SettingsInvalid
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.sessions import acquire, add_session
from consoleproxy.management.storage.store import Store, shown_location
from tests.unit.management.contracts import SESSION, do
from tests.unit.management.world import SEALER, START, WEB
from tests.waiting import wait_for


def test_only_its_owner_may_read_the_files(tmp_path: Path, store: Store) -> None:
    do(store, hidden_value, "security.hash.key", SEALER)
    paths = list(tmp_path.iterdir())
    assert paths
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_stored_stays(tmp_path: Path, store: Store) -> None:
    value = do(store, hidden_value, "security.hash.key", SEALER)
    again = Store(str(tmp_path / "management.db"))
    assert do(again, hidden_value, "security.hash.key", SEALER) == value
    again.close()


def test_work_that_fails_leaves_nothing(store: Store) -> None:
    def work(db: Connection) -> None:
        add_session(db, SESSION)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.run(work)
    do(store, add_session, SESSION)


def test_work_that_nobody_waits_for_any_more_is_not_begun_or_not_committed(store: Store) -> None:
    with pytest.raises(ManagementRequestRefused):
        store.run(lambda db: add_session(db, SESSION), time.monotonic() - 1)

    deadline = time.monotonic() + 0.02

    def slow(db: Connection) -> None:
        add_session(db, SESSION)
        wait_for(lambda: time.monotonic() > deadline, "the deadline")

    with pytest.raises(ManagementRequestRefused):
        store.run(slow, deadline)
    store.run(lambda db: add_session(db, SESSION), time.monotonic() + 60)


def test_of_several_processes_one_acquires(tmp_path: Path) -> None:
    stores = [Store(str(tmp_path / "management.db")) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number in range(10):
            uuid = f"session {number}"
            do(stores[0], add_session, replace(SESSION, uuid=uuid))
            tries = [
                pool.submit(do, store, acquire, uuid, WEB.uuid, "cpvm-1", "", START)
                for store in stores
            ]
            assert [acquired.result() for acquired in tries].count(True) == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize("content", [None, b"this is no database, but quite long enough to be one"])
def test_unusable_file_names_the_setting(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "management.db" if content else tmp_path / "missing" / "management.db"
    if content:
        path.write_bytes(content * 20)
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.manage\.database=.*a file in"):
        Store(str(path))


@pytest.mark.parametrize(
    "location",
    [
        "sqlite:///management.db",
        "postgresql://me:pa55word@127.0.0.1/cloud",
        "mysql+pymysql://me:pa55word@127.0.0.1",
        "mysql+pymysql://me:pa55word@127.0.0.1:port/cloud",
        "://pa55word",
    ],
)
def test_other_urls_are_refused(location: str) -> None:
    with pytest.raises(SettingsInvalid, match="SQLite file, or mysql") as caught:
        Store(location)
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize("driver", ["mysql", "mariadb"])
def test_nobody_there(driver: str) -> None:
    location = f"{driver}+pymysql://me:pa55word@127.0.0.1:1/cloud?read_timeout=7&password=pa55word"
    with pytest.raises(SettingsInvalid, match=r"me:\*\*\*@127.0.0.1:1/cloud cannot be") as caught:
        Store(location)
    assert "see that the server runs" in str(caught.value)
    assert "pa55word" not in str(caught.value)


def test_what_goes_wrong_is_logged_without_values(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = sqlite3.connect(tmp_path / "management.db")
    other.execute("DROP TABLE account")
    other.close()
    query = text("SELECT * FROM account WHERE secret_key = :secret")
    with caplog.at_level(logging.ERROR), pytest.raises(ManagementRequestRefused) as caught:
        store.run(lambda db: db.execute(query, {"secret": "pa55word"}))
    assert caught.value.status == 530
    assert "no such table: account" in caplog.text
    assert "pa55word" not in caplog.text


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("consoleproxy.db", "consoleproxy.db"),
        ("mysql+pymysql://me:secret@db/cloud", "mysql+pymysql://me:***@db/cloud"),
        ("mysql+pymysql://db/cloud?password=secret", "mysql+pymysql://db/cloud"),
        ("mysql+pymysql://me:secret@db:x/cloud", "***"),
        ("://secret", "***"),
    ],
)
def test_passwords_are_not_shown(location: str, shown: str) -> None:
    assert shown_location(location) == shown
