"""What every store does when one key takes another's place, whatever database is behind it."""

import pytest
from sqlalchemy import update

from consoleproxy.errors import SecretUnreadable, SettingsInvalid
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.keystores import keystore_rows
from consoleproxy.management.storage.rotation import rotate, survey
from consoleproxy.management.storage.schema import configuration
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import ROOT, SERVER, do
from tests.unit.management.sealing_contract import HASH_KEY, USERS, as_before, content
from tests.unit.management.world import SEALER, SECRET

(OLD,) = SEALER.ring.keys
NEW = new_key()
BOTH = Sealer.of(NEW, OLD)
ALL = {
    Purpose.CONFIGURATION: 1,
    Purpose.PRIVATE_KEY: 1,
    Purpose.SERVED_KEYSTORE: 1,
    Purpose.SECRET_KEY: USERS,
}


class RotationContract:
    def test_all_is_sealed_anew_and_the_old_key_is_not_needed(self, store: Store) -> None:
        as_before(store)
        do(store, prepare_secrets, SEALER, SECRET)
        assert do(store, rotate, BOTH, SECRET) == ALL
        alone = Sealer.of(NEW)
        assert do(store, hidden_value, HASH_KEY, alone) == "in the clear"
        assert do(store, keystore_rows, alone) == (ROOT, SERVER)
        assert do(store, prepare_secrets, alone, SECRET) == {}
        with pytest.raises(SettingsInvalid, match=f"under key {NEW.id}; given: {OLD.id}"):
            do(store, prepare_secrets, SEALER, SECRET)

    def test_once_is_enough(self, store: Store) -> None:
        as_before(store)
        assert do(store, rotate, BOTH, SECRET) == ALL
        before = content(store)[2:]
        assert do(store, rotate, BOTH, SECRET) == {}
        assert content(store)[2:] == before

    def test_a_row_that_does_not_open_leaves_all_as_it_was(self, store: Store) -> None:
        as_before(store)
        do(store, prepare_secrets, SEALER, SECRET)
        moved = SEALER.seal("another row's", Purpose.CONFIGURATION, "another row")
        store.run(lambda db: db.execute(update(configuration).values(value=moved)))
        before = content(store)
        with pytest.raises(SecretUnreadable, match=f"configuration {HASH_KEY}: .*another row's"):
            do(store, rotate, BOTH, SECRET)
        assert content(store) == before
        assert do(store, survey, SEALER).unreadable == (
            f"configuration {HASH_KEY}: a configuration value was modified, or is another row's "
            f"(sealed under key {OLD.id})",
        )

    def test_survey_tells_what_is_under_which_key(self, store: Store) -> None:
        assert do(store, survey, SEALER).canary == ""
        as_before(store)
        found = do(store, survey, SEALER)
        assert found.counts == {("", purpose): count for purpose, count in ALL.items()}
        do(store, prepare_secrets, SEALER, SECRET)
        found = do(store, survey, SEALER)
        assert found.counts == {(OLD.id, purpose): count for purpose, count in ALL.items()}
        assert (found.canary, found.unreadable) == (OLD.id, ())
        do(store, rotate, BOTH, SECRET)
        found = do(store, survey, SEALER)
        assert found.counts == {(NEW.id, purpose): count for purpose, count in ALL.items()}
        assert found.canary == NEW.id
        assert len(found.unreadable) == sum(ALL.values())
