import sqlite3
from pathlib import Path

import pytest

from consoleproxy.errors import SecretUnreadable
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.storage.sealing import Sealer, key_id
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import do
from tests.unit.management.world import SEALER


def test_a_value_is_sealed_and_no_other_key_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "management.db"
    store = Store(str(path))
    value = do(store, hidden_value, "security.hash.key", SEALER)
    with pytest.raises(SecretUnreadable, match="configuration value was sealed under key"):
        do(store, hidden_value, "security.hash.key", Sealer.of(new_key()))
    store.close()
    db = sqlite3.connect(path)
    ((stored,),) = db.execute("SELECT value FROM configuration")
    db.close()
    assert value not in stored
    assert key_id(stored) == SEALER.ring.keys[0].id
