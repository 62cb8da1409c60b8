"""Processes that open a database at the same moment, and what they load for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from consoleproxy.management.storage.migrations import REVISIONS
from tests.unit.management.before import make_as_before, open_at_once
from tests.unit.management.storage.test_upgrade import revision


@pytest.mark.parametrize("before", [False, True])
def test_servers_that_start_at_once(tmp_path: Path, before: bool) -> None:
    path = tmp_path / "management.db"
    if before:
        make_as_before(path)
    open_at_once(str(path))
    assert revision(path) == [(REVISIONS[-1],)]


def test_what_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    program = f"""if True:
        import sys
        from consoleproxy.management.storage.store import Store
        for _ in range(2):
            Store({str(tmp_path / "management.db")!r}).close()
        assert "alembic" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_proxy_loads_no_database() -> None:
    program = """if True:
        import sys
        import consoleproxy.cli.serve
        for name in ("alembic", "sqlalchemy", "consoleproxy.management.storage.upgrade"):
            assert name not in sys.modules, name
    """
    subprocess.run([sys.executable, "-c", program], check=True)
