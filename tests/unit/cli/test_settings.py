import pytest

from consoleproxy.cli.entry import main
from consoleproxy.settings.table import settings_table


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert capsys.readouterr().out == settings_table() + "\n"
