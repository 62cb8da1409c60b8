from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Settings
from tests.unit.management.world import config_in


def test_it_is_not_open_to_strangers(tmp_path: Path) -> None:
    config = replace(config_in(tmp_path), secret="", address="0.0.0.0")
    with pytest.raises(SettingsInvalid) as caught:
        config.check()
    secret, page = caught.value.problems
    assert "consoleproxy.management.secret" in secret
    assert "consoleproxy.manage.page.key" in page
    replace(config, secret="s", page_key="k").check()
    assert "the secret" not in repr(replace(config, secret="the secret", page_key="the secret"))


def test_webhook_is_checked_at_the_start(tmp_path: Path) -> None:
    config = replace(config_in(tmp_path), settings=Settings(capacity_webhook="scaler/s3cret"))
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.capacity\.webhook") as caught:
        config.check()
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(config)
