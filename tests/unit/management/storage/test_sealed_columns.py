from pathlib import Path

from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.keystores import put_keystore_rows, serve
from consoleproxy.management.records.settings import store_setting
from consoleproxy.management.storage.sealed_columns import (
    HIDDEN_VALUES,
    SEALED_COLUMNS,
    SECRET_SETTINGS,
    stored_secrets,
)
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import ROOT, SERVER, do
from tests.unit.management.world import SEALER


def test_every_secret_is_found_once_and_not_shown(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "management.db"))
    for name in HIDDEN_VALUES:
        do(store, hidden_value, name, SEALER)
    do(store, put_keystore_rows, (ROOT, SERVER), SEALER)
    version = do(store, serve, b"the private key", SEALER)
    for name in SECRET_SETTINGS:
        do(store, store_setting, name, "the secret", SEALER)
    found = store.run(lambda db: tuple(stored_secrets(db)))
    store.close()
    names = {*HIDDEN_VALUES, *SECRET_SETTINGS, SERVER.name, version}
    assert {secret.bound_to for secret in found} == names
    assert {secret.column for secret in found} <= set(SEALED_COLUMNS)
    for secret in found:
        assert SEALER.unseal(secret.text, secret.column.purpose, secret.bound_to)
        assert secret.text not in repr(secret)


def test_what_has_changed_since_is_not_replaced(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "management.db"))
    do(store, hidden_value, HIDDEN_VALUES[0], SEALER)
    (secret,) = store.run(lambda db: tuple(stored_secrets(db)))
    assert do(store, secret.replace, "first")
    assert not do(store, secret.replace, "second")
    (secret,) = store.run(lambda db: tuple(stored_secrets(db)))
    assert secret.text == "first"
    store.close()
