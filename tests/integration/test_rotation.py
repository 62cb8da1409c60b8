"""One key takes another's place: killed in the middle, and under servers that go on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.key_file import add_key, create_key_file, read_key_file
from consoleproxy.management.storage.rotation import rotate, survey
from consoleproxy.management.storage.sealed_columns import stored_secrets
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.unit.management.contracts import do
from tests.unit.management.sealing_contract import as_before
from tests.unit.management.world import SECRET

# Stops where so many secrets have been written, and tells it.
_ROTATION = """
import sys
from consoleproxy.cli.entry import main
from consoleproxy.management.storage.sealed_columns import StoredSecret

rest, replace = int(sys.argv[1]), StoredSecret.replace

def counted(self, db, text):
    global rest
    done = replace(self, db, text)
    rest -= 1
    if not rest:
        print("in the middle", flush=True)
        sys.stdin.read()
    return done

StoredSecret.replace = counted
sys.exit(main(["secrets", "rotate", *sys.argv[2:]]))
"""


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def database(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    """A ``consoleproxy.manage.database`` of either kind, without anything in it."""
    return mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    create_key_file(path, new_key())
    return path


@contextmanager
def opened(database: str) -> Iterator[Store]:
    store = Store(database)
    try:
        yield store
    finally:
        store.close()


def plain_texts(store: Store, sealer: Sealer) -> dict[tuple[str, str], str]:
    """All secrets of the database, in the clear."""
    return {
        (stored.column.purpose, stored.bound_to): sealer.unseal(
            stored.text, stored.column.purpose, stored.bound_to
        )
        for stored in store.run(lambda db: tuple(stored_secrets(db)))
    }


def options(database: str, key_file: Path) -> list[str]:
    given = {
        "consoleproxy.manage.database": database,
        "consoleproxy.manage.encryption.key.file": str(key_file),
        "consoleproxy.management.secret": SECRET,
    }
    return [f"--set={name}={value}" for name, value in given.items()]


def kill_rotation(database: str, key_file: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _ROTATION, str(after), *options(database, key_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("after", [1, 3, 103])
def test_killed_in_the_middle_nothing_is_lost(database: str, key_file: Path, after: int) -> None:
    before = Sealer.of(*read_key_file(key_file, "key"))
    with opened(database) as store:
        as_before(store)
        do(store, prepare_secrets, before, SECRET)
        plain = plain_texts(store, before)
    add_key(key_file, new_key())
    both = Sealer.of(*read_key_file(key_file, "key"))
    after_all = Sealer.of(both.ring.keys[0])
    kill_rotation(database, key_file, after)
    with opened(database) as store:
        assert plain_texts(store, before) == plain
        assert do(store, survey, before).canary == before.ring.keys[0].id
        assert sum(do(store, rotate, both, SECRET).values()) == len(plain)
        assert plain_texts(store, after_all) == plain
        with pytest.raises(SettingsInvalid, match="sealed under another key"):
            do(store, prepare_secrets, before, SECRET)
