"""One key takes another's place: killed in the middle, and under servers that go on."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from consoleproxy.cli.management import running_management
from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.users import Keys, new_keys, open_secret_key, put_keys
from consoleproxy.management.storage.key_file import add_key, create_key_file, read_key_file
from consoleproxy.management.storage.rotation import rotate, survey
from consoleproxy.management.storage.schema import user
from consoleproxy.management.storage.sealed_columns import stored_secrets
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from consoleproxy.settings import Settings
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.fixtures.threads import in_a_thread
from tests.integration.test_management_api import SECRET as SHARED
from tests.integration.test_management_api import VM, Management
from tests.unit.management.contracts import do
from tests.unit.management.sealing_contract import as_before
from tests.unit.management.world import SECRET
from tests.waiting import free_port, wait_for

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


def test_servers_that_start_at_once_seal_each_secret_once(database: str) -> None:
    sealer = Sealer.of(new_key())
    with ExitStack() as stack:
        stores = [stack.enter_context(opened(database)) for _ in range(4)]
        as_before(stores[0])
        with ThreadPoolExecutor(len(stores)) as pool:
            prepared = pool.map(lambda store: do(store, prepare_secrets, sealer, SECRET), stores)
            sealed = sum((Counter(one) for one in prepared), Counter[Purpose]())
        secrets = plain_texts(stores[0], sealer)
    assert sealed == Counter(purpose for purpose, _ in secrets)


def test_keys_that_users_get_meanwhile_are_kept(database: str) -> None:
    old = Sealer.of(new_key())
    both = Sealer.of(new_key(), *old.ring.keys)
    given: list[Keys] = []
    over = threading.Event()

    def give(store: Store) -> None:
        while not over.is_set():
            given.append(new_keys())
            # Servers that know both keys seal under either.
            do(store, put_keys, both if len(given) % 2 else old, "user 50", given[-1])

    with opened(database) as store, opened(database) as other:
        as_before(store)
        do(store, prepare_secrets, old, SECRET)
        before = plain_texts(store, old)
        with ThreadPoolExecutor(1) as pool:
            giving = pool.submit(give, other)
            wait_for(lambda: len(given) > 3, "new keys")
            do(store, rotate, both, SECRET)
            over.set()
            giving.result()
        after = plain_texts(store, both)
        holder = do(store, holder_of_user, "user 50", both)
    assert holder == given[-1]
    changed = {what for what in before if before[what] != after[what]}
    assert changed == {(Purpose.SECRET_KEY, "user 50")}


def holder_of_user(db: Connection, user_uuid: str, sealer: Sealer) -> Keys:
    found = db.execute(select(user.c.api_key, user.c.secret_key).where(user.c.uuid == user_uuid))
    api_key, secret_key = found.one()
    return Keys(api_key, open_secret_key(sealer, user_uuid, secret_key))


@contextmanager
def managing(settings: Settings) -> Iterator[Management]:
    """A management server of these settings, on a port of its own."""
    own = replace(settings, manage_port=free_port())
    watched = Path(settings.manage_inventory)
    with in_a_thread(lambda: running_management(own, Inventory([]), watched=watched)) as server:
        management = Management(server)
        management.register()
        yield management


def run_secrets(settings: Settings, *words: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "consoleproxy", "secrets", *words),
            *options(settings.manage_database, Path(settings.manage_encryption_key_file)),
            f"--set=consoleproxy.manage.inventory={settings.manage_inventory}",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_servers_go_on_while_one_key_takes_anothers_place(
    database: str, key_file: Path, tmp_path: Path
) -> None:
    (old,) = read_key_file(key_file, "key")
    inventory = tmp_path / "inventory.toml"
    sealed = Sealer.of(old).seal("hunter2", Purpose.VNC_PASSWORD, VM)
    inventory.write_text(
        f"# ours\n[[vm]]\nname = 'web'\nuuid = '{VM}'\naddress = '192.0.2.1:5901'\n"
        f"password_sealed = '{sealed}' # hers\n"
    )
    settings = Settings(
        management_secret=SHARED,
        manage_database=database,
        manage_encryption_key_file=str(key_file),
        manage_inventory=str(inventory),
    )
    with managing(settings) as first, managing(settings) as second:
        add_key(key_file, new_key())
        new = read_key_file(key_file, "key")[0]
        said = run_secrets(settings, "rotate", "--inventory")
        assert "3 x configuration value" in said
        assert "1 x secret key of a user" in said
        assert "inventory.toml: 1 x VNC password" in said
        for management in (first, second):
            assert management.endpoint().password == "hunter2"
        check = run_secrets(settings, "check")
        assert f"{old.id}:" not in check
        assert inventory.read_text().startswith("# ours\n[[vm]]\nname = 'web'\n")
        assert inventory.read_text().endswith("' # hers\n")
    key_file.write_text(new.line())
    with managing(settings) as management:
        assert management.endpoint().password == "hunter2"
