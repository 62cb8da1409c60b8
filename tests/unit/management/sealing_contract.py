"""What every store does with secrets at the start, whatever database is behind it."""

import pytest
from sqlalchemy import Connection, insert, select, update

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.keystores import (
    keystore_rows,
    put_keystore_rows,
    serve,
    served,
)
from consoleproxy.management.records.users import open_secret_key
from consoleproxy.management.storage.schema import (
    configuration,
    encryption,
    keystore,
    served_keystore,
    user,
)
from consoleproxy.management.storage.sealed_columns import stored_secrets
from consoleproxy.management.storage.sealing import AT_REST, Purpose, Sealer, key_id, seal
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import ROOT, SERVER, content_of, do
from tests.unit.management.world import SEALER, SECRET

TABLES = ("configuration", "encryption", "keystore", "served_keystore", "user")
USERS = 100
HASH_KEY = "security.hash.key"


def as_before(store: Store) -> None:
    """Secrets as versions before had them: in the clear, or under the shared secret."""
    do(store, put_keystore_rows, (ROOT, SERVER), SEALER)
    version = do(store, serve, b"the private key", SEALER)
    key = seal(str(SERVER.key).encode(), SECRET, AT_REST, SERVER.name)
    pem = seal(b"the private key", SECRET, AT_REST, version)
    store.run(lambda db: db.execute(update(keystore).where(keystore.c.key != "").values(key=key)))
    store.run(lambda db: db.execute(update(served_keystore).values(pem=pem)))
    hidden = insert(configuration).values(name=HASH_KEY, value="in the clear")
    store.run(lambda db: db.execute(hidden))
    users = [
        {
            "uuid": f"user {number}",
            "username": f"user {number}",
            "account": "account",
            "state": "enabled",
            "api_key": f"api key {number}" if number else None,
            "secret_key": f"secret key {number}" if number else None,
        }
        for number in range(USERS + 1)
    ]
    store.run(lambda db: db.execute(insert(user), users))


def content(store: Store) -> list[str]:
    return [do(store, content_of, table) for table in TABLES]


def secret_keys(db: Connection, sealer: Sealer) -> list[str]:
    """The secret keys of all users that have one."""
    query = select(user.c.uuid, user.c.secret_key).where(user.c.api_key.is_not(None))
    opened = {uuid: open_secret_key(sealer, uuid, key) for uuid, key in db.execute(query)}
    return [opened[f"user {number}"] for number in range(1, len(opened) + 1)]


class SealingContract:
    def test_what_is_from_before_is_sealed_and_stays_the_same(self, store: Store) -> None:
        as_before(store)
        sealer = Sealer.of(new_key(), *SEALER.ring.keys)
        assert do(store, prepare_secrets, sealer, SECRET) == {
            Purpose.CONFIGURATION: 1,
            Purpose.PRIVATE_KEY: 1,
            Purpose.SERVED_KEYSTORE: 1,
            Purpose.SECRET_KEY: USERS,
        }
        assert do(store, secret_keys, sealer) == [
            f"secret key {number}" for number in range(1, USERS + 1)
        ]
        assert do(store, hidden_value, HASH_KEY, sealer) == "in the clear"
        assert do(store, keystore_rows, sealer) == (ROOT, SERVER)
        assert do(store, served, sealer).pem == b"the private key"
        found = store.run(lambda db: tuple(stored_secrets(db)))
        assert {secret.key_id for secret in found} == {sealer.ring.keys[0].id}
        before = content(store)
        assert do(store, prepare_secrets, sealer, SECRET) == {}
        assert content(store) == before

    def test_a_database_of_another_key_is_refused_and_left_alone(self, store: Store) -> None:
        do(store, prepare_secrets, SEALER, SECRET)
        as_before(store)
        before = content(store)
        key = new_key()
        with pytest.raises(SettingsInvalid, match=rf"1 under key .*given: {key.id}.*key\.file"):
            do(store, prepare_secrets, Sealer.of(key), SECRET)
        assert content(store) == before

    @pytest.mark.parametrize("foreign", [None, "sealed:1:damaged", "sealed:2:of a later version"])
    def test_one_row_of_another_key_is_enough(self, store: Store, foreign: str | None) -> None:
        do(store, hidden_value, HASH_KEY, SEALER)
        do(store, prepare_secrets, SEALER, SECRET)
        value = foreign or Sealer.of(new_key()).seal("a", Purpose.CONFIGURATION, HASH_KEY)
        store.run(lambda db: db.execute(update(configuration).values(value=value)))
        before = content(store)
        with pytest.raises(SettingsInvalid, match=r"1 under key .*Nothing was changed"):
            do(store, prepare_secrets, SEALER, SECRET)
        assert content(store) == before

    def test_key_of_another_secret_stays_until_an_upload(
        self, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        as_before(store)
        sealed = do(store, prepare_secrets, SEALER, "another secret")
        assert sealed == {Purpose.CONFIGURATION: 1, Purpose.SECRET_KEY: USERS}
        assert f"{SERVER.name} stays as it is" in caplog.text

    def test_the_key_of_the_first_start_is_remembered(self, store: Store) -> None:
        old, new = new_key(), new_key()
        do(store, prepare_secrets, Sealer.of(old), SECRET)
        do(store, prepare_secrets, Sealer.of(new, old), SECRET)
        canary = str(store.run(lambda db: db.execute(select(encryption.c.canary)).scalar_one()))
        assert key_id(canary) == old.id
