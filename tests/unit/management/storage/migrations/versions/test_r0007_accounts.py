import sqlite3
from pathlib import Path

import pytest

from consoleproxy.management.accounts.scope import EVERYTHING
from consoleproxy.management.records.accounts import owners
from consoleproxy.management.records.administrator import administrator
from consoleproxy.management.records.sessions import sessions
from consoleproxy.management.records.users import holder_of
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.unit.management.before import make_as_before
from tests.unit.management.contracts import do
from tests.unit.management.world import SEALER, SECRET


def make_with_accounts(path: Path) -> None:
    make_as_before(path)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO account VALUES ('admin', 'key', 'secret'), ('other', 'k', 's')")
    db.commit()
    db.close()


def test_accounts_of_before_are_root_admins_with_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    make_with_accounts(path)
    for _ in range(2):
        store = Store(str(path))
        do(store, prepare_secrets, SEALER, SECRET)
        admin = do(store, administrator, SEALER)
        assert (admin.api_key, admin.secret_key) == ("key", "secret")
        other = do(store, holder_of, SEALER, "k")
        assert other is not None
        assert (other.user.account.role, other.user.account.domain) == ("Admin", "ROOT")
        assert do(store, owners, EVERYTHING) == {("ROOT", "admin"), ("ROOT", "other")}
        (session,) = do(store, sessions)
        assert (session.domain_uuid, session.account_uuid, session.user_uuid) == (
            admin.caller.domain_uuid,
            admin.caller.account_uuid,
            admin.caller.user_uuid,
        )
        store.close()


@pytest.mark.parametrize("missing", ["domain", "user", "used_signature"])
def test_what_is_missing_is_made(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "management.db"
    Store(str(path)).close()
    with sqlite3.connect(path) as db:
        made = set(db.execute("SELECT type, name FROM sqlite_schema"))
        db.execute("UPDATE alembic_version SET version_num = '0006'")
        db.execute(f"DROP TABLE {missing}")
    db.close()
    Store(str(path)).close()
    db = sqlite3.connect(path)
    assert set(db.execute("SELECT type, name FROM sqlite_schema")) == made
    db.close()
