"""What every store does with changed settings, whatever database is behind it."""

import pytest

from consoleproxy.management.records.assignment import make_assignment_lock
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.settings import (
    forget_setting,
    secret_settings,
    settings_version,
    store_setting,
    stored_settings,
    version_of,
)
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import content_of, do
from tests.unit.management.world import SEALER

NAME = "consoleproxy.session.max"
OTHER = "consoleproxy.url.domain"
SECRET_NAME = "consoleproxy.capacity.webhook"


class SettingsContract:
    def test_what_was_stored_is_there_until_it_is_forgotten(self, store: Store) -> None:
        assert do(store, stored_settings) == {}
        for value in ("1", "2"):
            do(store, store_setting, NAME, value, SEALER)
            assert do(store, stored_settings) == {NAME: value}
        do(store, store_setting, OTHER, "*.ü.example.org", SEALER)
        assert list(do(store, stored_settings)) == [NAME, OTHER]
        for _ in range(2):
            do(store, forget_setting, NAME)
            assert do(store, stored_settings) == {OTHER: "*.ü.example.org"}

    def test_version_changes_with_every_change(self, store: Store) -> None:
        seen = [do(store, settings_version)]
        for value in ("1", "2"):
            do(store, store_setting, NAME, value, SEALER)
            seen.append(do(store, settings_version))
        do(store, store_setting, OTHER, "2", SEALER)
        seen.append(do(store, settings_version))
        assert len(set(seen)) == len(seen)
        assert seen[-1] == version_of(do(store, stored_settings))
        do(store, forget_setting, OTHER)
        assert do(store, settings_version) == seen[-2]
        do(store, forget_setting, NAME)
        assert do(store, settings_version) == seen[0] == ""

    def test_a_secret_is_sealed_and_only_for_management_servers(self, store: Store) -> None:
        do(store, store_setting, SECRET_NAME, "http://h/s3cret", SEALER)
        assert "s3cret" not in do(store, content_of, "configuration")
        assert do(store, stored_settings) == {}
        assert do(store, settings_version) == ""
        assert do(store, secret_settings, SEALER) == {SECRET_NAME: "http://h/s3cret"}
        do(store, forget_setting, SECRET_NAME)
        assert do(store, secret_settings, SEALER) == {}

    def test_hidden_values_and_locks_are_no_settings(self, store: Store) -> None:
        do(store, hidden_value, "security.hash.key", SEALER)
        do(store, make_assignment_lock)
        assert do(store, stored_settings) == {}
        assert do(store, settings_version) == ""

    @pytest.mark.parametrize(
        "name",
        [
            "security.hash.key",
            "consoleproxy.assignment.lock",
            "consoleproxy.management.secret",
            "consoleproxy.nonsense",
        ],
    )
    def test_nothing_else_is_stored_or_forgotten(self, store: Store, name: str) -> None:
        do(store, hidden_value, "security.hash.key", SEALER)
        before = do(store, content_of, "configuration")
        with pytest.raises(ValueError, match="is no setting"):
            do(store, store_setting, name, "1", SEALER)
        with pytest.raises(ValueError, match="is no setting"):
            do(store, forget_setting, name)
        assert do(store, content_of, "configuration") == before
