"""Databases as the program made them before they had a revision, and servers that open them."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from consoleproxy.management.storage import migrations, upgrade
from tests.unit.management.contracts import SESSION

NEXT = "9000"
_NEXT_REVISION = f"""
from alembic import op
from sqlalchemy import Column, Text

revision = "{NEXT}"
down_revision = "{migrations.REVISIONS[-1]}"

def upgrade() -> None:
    on_mariadb = op.get_context().dialect.name == "mariadb"
    op.add_column("configuration", Column("note", Text), if_not_exists=on_mariadb)
"""

_OPENER = """
import sys
from consoleproxy.management.storage.store import Store
print("ready", flush=True)
Store(sys.stdin.readline().strip()).close()
print("opened")
"""

_TABLES = """
CREATE TABLE account (
    name TEXT NOT NULL, api_key TEXT NOT NULL, secret_key TEXT NOT NULL,
    PRIMARY KEY (name), UNIQUE (api_key)
) STRICT;
CREATE TABLE async_job (
    uuid TEXT NOT NULL, account TEXT NOT NULL, command TEXT NOT NULL, created REAL NOT NULL,
    result_code INTEGER NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (uuid)
) STRICT;
CREATE INDEX async_job_created ON async_job (created);
CREATE TABLE configuration (
    name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT;
CREATE TABLE console_proxy (
    name TEXT NOT NULL, address TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
    tls INTEGER NOT NULL, session_max INTEGER NOT NULL, load_interval REAL NOT NULL,
    active_session INTEGER NOT NULL, last_update REAL NOT NULL,
    PRIMARY KEY (name)
) STRICT;
CREATE TABLE console_session (
    id INTEGER NOT NULL, uuid TEXT NOT NULL, created REAL NOT NULL, account TEXT NOT NULL,
    vm_uuid TEXT NOT NULL, proxy TEXT NOT NULL, console_endpoint_creator_address TEXT NOT NULL,
    client_address TEXT, acquired REAL, removed REAL,
    PRIMARY KEY (id), UNIQUE (uuid)
) STRICT;
CREATE INDEX console_session_created ON console_session (created);
CREATE INDEX console_session_proxy ON console_session (proxy, removed);
CREATE INDEX console_session_vm ON console_session (vm_uuid, id);
CREATE TABLE keystore (
    id INTEGER NOT NULL, name TEXT NOT NULL, certificate TEXT NOT NULL, "key" TEXT,
    domain_suffix TEXT NOT NULL, seq INTEGER,
    PRIMARY KEY (id), UNIQUE (name)
) STRICT;
CREATE TABLE served_keystore (
    id INTEGER NOT NULL, version TEXT NOT NULL, pem TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
"""


def make_as_before(path: Path) -> None:
    """Make an SQLite database of that time, with one session in it."""
    db = sqlite3.connect(path)
    db.executescript(_TABLES)
    values = (
        *(SESSION.uuid, SESSION.created, SESSION.account, SESSION.vm_uuid, SESSION.proxy),
        SESSION.creator_address,
    )
    db.execute(
        "INSERT INTO console_session (uuid, created, account, vm_uuid, proxy, "
        "console_endpoint_creator_address) VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )
    db.commit()
    db.close()


def add_revision(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program know one revision more, with ``configuration.note``; ``folder`` is new."""
    shutil.copytree(Path(migrations.__file__).parent, folder)
    (folder / "versions" / "next.py").write_text(_NEXT_REVISION)
    monkeypatch.setattr(upgrade, "_SCRIPTS", str(folder))
    monkeypatch.setattr(upgrade, "REVISIONS", (*migrations.REVISIONS, NEXT))


def open_at_once(location: str, processes: int = 4) -> None:
    """Open a database in several processes at the same moment, and see that all succeed."""
    with ExitStack() as stack:
        openers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", _OPENER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(processes)
        ]
        for opener in openers:
            assert opener.stdout is not None
            assert opener.stdout.readline() == "ready\n"
        for opener in openers:
            assert opener.stdin is not None
            opener.stdin.write(f"{location}\n")
            opener.stdin.flush()
        assert [opener.communicate()[0] for opener in openers] == ["opened\n"] * processes
