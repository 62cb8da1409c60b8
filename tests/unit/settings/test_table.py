from pathlib import Path

from consoleproxy.settings import declared_settings
from consoleproxy.settings.elsewhere import FOREIGN
from consoleproxy.settings.table import settings_table

_DOCUMENT = Path(__file__).parents[3] / "docs" / "SETTINGS.md"
_MARK = "<!-- consoleproxy settings -->\n"


def test_the_document_has_the_table_of_now() -> None:
    """Where this fails, put what ``consoleproxy settings`` prints between the marks."""
    _, table, _ = _DOCUMENT.read_text(encoding="utf-8").split(_MARK)
    assert table == settings_table() + "\n"


def test_every_setting_has_a_row() -> None:
    table = settings_table()
    names = [declared.setting.name for declared in declared_settings()]
    names += [foreign.name for foreign in FOREIGN]
    for name in names:
        assert table.count(f"\n| `{name}` |") == 1


def test_rows_say_what_a_value_may_be() -> None:
    table = settings_table()
    for row in (
        "| `consoleproxy.session.max` | `50` | 1 or more (sessions) | at once | zone | Sessions on",
        "| `consoleproxy.cmd.port` | `8001` | 0 to 65535 | at a start | zone | Port of",
        "| `consoleproxy.sslEnabled` | `false` | `true`, `false` | at a start | zone | Serve",
        "| `consoleproxy.management.secret` |  | secret text | not over the API |  | Shared",
        "| `novnc.console.default` | `true` | zone | there is one viewer here |",
    ):
        assert row in table
