"""Who has a copy of the database after real use finds no secret in it, byte by byte."""

import secrets
import sqlite3
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url

from consoleproxy.keystore.development import development_keystore
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.storage.key_file import create_key_file, read_key_file
from consoleproxy.management.storage.sealed_columns import HIDDEN_VALUES
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.mariadb import PASSWORD, MariaDb, session_server
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Viewer
from tests.unit.management.world import chain_of, pem_of

DOMAIN = "console.example.org"
# Of random text, that nothing else has by chance.
VNC_PASSWORD = secrets.token_hex(4)


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=VNC_PASSWORD)


def of_sqlite(database: str) -> bytes:
    """Every byte of its files, and what SQL gives."""
    path = Path(database)
    files = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    db = sqlite3.connect(path)
    dump = "\n".join(db.iterdump()).encode()
    db.close()
    return files + dump


def of_mariadb(database: str) -> bytes:
    """All rows of all tables."""
    url = make_url(database).set(drivername="mariadb+pymysql", password="")
    engine = create_engine(url, connect_args={"password": PASSWORD.encode()})
    with engine.connect() as db:
        rows = [
            repr(db.exec_driver_sql(f"SELECT * FROM `{table}`").all())
            for table in inspect(db).get_table_names()
        ]
    engine.dispose()
    return "\n".join(rows).encode()


def use(cloud: Cloud, machine: Machine) -> dict[str, str]:
    """Open a console, upload a certificate; return the secrets of it."""
    with Viewer(cloud.console(machine)) as viewer:
        viewer.log_in()
        viewer.close()
    keystore = development_keystore(DOMAIN, datetime.now(UTC))
    key = keystore.key_pem().decode()
    for upload in (
        {"id": "1", "name": "chain", "certificate": chain_of(keystore)},
        {"certificate": pem_of(keystore.certificate), "privatekey": key},
    ):
        cloud.api.uploadCustomCertificate(**upload, domainsuffix=DOMAIN)
    account = cloud.management.account
    return {
        "VNC password": machine.password,
        "secret key": account.secret_key,
        **{f"line {number} of the private key": line for number, line in enumerate(_body(key))},
    }


def hidden(cloud: Cloud, work: Callable[[Connection], str]) -> str:
    return cloud.run(lambda: cloud.management.issuer.database.run(work))


def _body(pem: str) -> list[str]:
    return [line for line in pem.splitlines() if not line.startswith("-----")]


@pytest.mark.parametrize("kind", ["SQLite", "MariaDB"])
def test_a_copy_of_the_database_tells_no_secret(
    tmp_path: Path, mariadb: MariaDb, guest: Qemu, kind: str
) -> None:
    key_file = tmp_path / "key"
    create_key_file(key_file, new_key())
    database = str(tmp_path / "test.db") if kind == "SQLite" else mariadb.make_database()
    machine = Machine("web-1", str(uuid.uuid4()), guest.port, VNC_PASSWORD)
    settings: dict[str, str] = {
        "manage_database": database,
        "manage_encryption_key_file": str(key_file),
    }
    sealer = Sealer.of(*read_key_file(key_file, "key"))
    with running_cloud(tmp_path, [machine], **settings) as cloud:
        found = use(cloud, machine)
        for name in HIDDEN_VALUES:
            found[name] = hidden(cloud, partial(hidden_value, name=name, sealer=sealer))
        (session,) = cloud.api.listConsoleSessions()["consolesession"]
        known = (cloud.management.account.api_key, session["id"])
        while_it_runs = of_sqlite(database) if kind == "SQLite" else of_mariadb(database)
    afterwards = of_sqlite(database) if kind == "SQLite" else of_mariadb(database)
    assert len(found) >= 2 + 3 + 3
    for copy in (while_it_runs, afterwards):
        assert all(text.encode() in copy for text in known), "it is no copy of this database"
        told = [what for what, secret in found.items() if secret.encode() in copy]
        assert told == []
