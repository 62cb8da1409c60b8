from consoleproxy.management.configuration.entries import entries
from consoleproxy.management.pages.setting_rows import SettingRow, setting_groups
from consoleproxy.settings import Settings

_ENTRIES = tuple(entries(Settings(management_secret="a secret", session_max=7)))


def rows(text: str = "") -> dict[str, SettingRow]:
    changed = {"consoleproxy.session.max": "7"}
    return {
        row.name: row for group in setting_groups(_ENTRIES, changed, text) for row in group.rows
    }


def test_every_setting_once_and_by_group() -> None:
    groups = setting_groups(_ENTRIES, {}, "")
    assert [row.name for group in groups for row in group.rows] == [e.name for e in _ENTRIES]
    names = [group.name for group in groups]
    assert len(names) == len(set(names)) > 3


def test_what_is_shown() -> None:
    row = rows()["consoleproxy.session.max"]
    assert (row.value, row.default, row.changed) == ("7", "50", True)
    assert row.effect == "at once"
    secret = rows()["consoleproxy.management.secret"]
    assert (secret.value, secret.effect, secret.changed) == ("***", "", False)
    assert rows()["consoleproxy.restart"].effect == ""


def test_search() -> None:
    assert "consoleproxy.session.max" in rows("SESSION max")
    assert rows("***")
    assert rows("a secret that nobody has") == {}
