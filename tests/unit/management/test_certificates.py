import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from sqlalchemy import text

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.rows import KeystoreRow
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.keystores import (
    keystore_rows,
    put_keystore_rows,
    served_version,
)
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.settings import Settings
from tests.unit.management.world import (
    DOMAIN,
    SEALER,
    Clock,
    chain_of,
    made_keystore,
    pem_of,
)


@asynccontextmanager
async def opened(folder: Path, sealer: Sealer = SEALER) -> AsyncIterator[Certificates]:
    database = await Database.open(str(folder / "management.db"))
    try:
        yield Certificates(database, sealer, Live(Settings(url_domain=f"*.{DOMAIN}")), Clock())
    finally:
        await database.close()


def with_certificates(
    folder: Path, scenario: Callable[[Certificates], Awaitable[None]], sealer: Sealer = SEALER
) -> None:
    async def main() -> None:
        async with opened(folder, sealer) as certificates:
            await scenario(certificates)

    asyncio.run(main())


def rows_of(keystore: Keystore) -> list[KeystoreRow]:
    """As CloudStack's guide has them uploaded: from the root down."""
    return [
        KeystoreRow(name="root1", certificate=pem_of(*keystore.roots), seq=1),
        KeystoreRow(name="intermed1", certificate=pem_of(*keystore.intermediates), seq=2),
        KeystoreRow(
            name="CPVMCertificate",
            certificate=pem_of(keystore.certificate),
            key=keystore.key_pem().decode(),
            domain_suffix=DOMAIN,
        ),
    ]


def test_nothing_is_served_before_the_server_certificate(tmp_path: Path) -> None:
    keystore = made_keystore()
    root, intermediate, server = rows_of(keystore)

    async def scenario(certificates: Certificates) -> None:
        for row in (root, intermediate):
            uploaded = await certificates.upload(row)
            assert not uploaded.serving
            assert (await certificates.served()).pem == b""
        uploaded = await certificates.upload(server)
        assert uploaded.serving
        assert uploaded.changed
        served = await certificates.served()
        assert served.pem == keystore.pem()
        assert served.version == await certificates.database.run(served_version)
        assert not (await certificates.upload(server)).changed
        assert (await certificates.served()).version == served.version

    with_certificates(tmp_path, scenario)


def test_the_old_one_serves_until_the_new_one_is_proven(tmp_path: Path) -> None:
    old, new, another = made_keystore(), made_keystore(), made_keystore()

    async def scenario(certificates: Certificates) -> None:
        for row in rows_of(old):
            await certificates.upload(row)
        first = await certificates.served()
        root, intermediate, server = rows_of(new)
        for row in (root, intermediate):
            assert not (await certificates.upload(row)).changed
        before = await certificates.database.run(lambda db: keystore_rows(db, SEALER))
        with pytest.raises(KeystoreInvalid, match="chain does not link up"):
            await certificates.upload(rows_of(another)[2])
        assert await certificates.database.run(lambda db: keystore_rows(db, SEALER)) == before
        assert await certificates.served() == first
        assert (await certificates.upload(server)).changed
        assert (await certificates.served()).pem == new.pem()

    with_certificates(tmp_path, scenario)


def test_all_at_once_is_stored_as_cloudstack_numbers_it(tmp_path: Path) -> None:
    old, new = made_keystore(), made_keystore()

    async def scenario(certificates: Certificates) -> None:
        for row in rows_of(old):
            await certificates.upload(row)
        chain = chain_of(new)
        key = new.key_pem().decode()
        uploaded = await certificates.upload_all(pem_of(new.certificate), key, chain)
        assert uploaded.changed
        assert uploaded.warnings == ()
        rows = await certificates.database.run(lambda db: keystore_rows(db, SEALER))
        assert {(row.name, row.seq) for row in rows} == {
            ("root1", 1),
            ("intermediate2", 2),
            ("CPVMCertificate", None),
        }
        assert (await certificates.served()).pem == new.pem()
        again = await certificates.upload_all(pem_of(new.certificate), key, " ")
        assert not again.changed
        with pytest.raises(KeystoreInvalid):
            await certificates.upload_all(pem_of(old.certificate), old.key_pem().decode(), "")
        with pytest.raises(KeystoreInvalid, match="chain"):
            await certificates.upload_all(pem_of(new.certificate), key, "no PEM")
        assert await certificates.database.run(lambda db: keystore_rows(db, SEALER)) == rows

    with_certificates(tmp_path, scenario)


def test_certificate_with_its_chain_in_one_text(tmp_path: Path) -> None:
    keystore = made_keystore()

    async def scenario(certificates: Certificates) -> None:
        text = pem_of(keystore.certificate) + chain_of(keystore)
        await certificates.upload_all(text, keystore.key_pem().decode(), "")
        assert (await certificates.served()).pem == keystore.pem()

    with_certificates(tmp_path, scenario)


def test_older_forms_of_key_are_refused(tmp_path: Path) -> None:
    keystore = made_keystore()
    older = keystore.private_key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()

    async def scenario(certificates: Certificates) -> None:
        with pytest.raises(KeystoreInvalid, match="openssl pkcs8") as caught:
            await certificates.upload_all(pem_of(keystore.certificate), older, chain_of(keystore))
        assert older.splitlines()[1] not in str(caught.value)

    with_certificates(tmp_path, scenario)


def test_rows_that_somebody_copied_in_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keystore = made_keystore()

    async def scenario(certificates: Certificates) -> None:
        run = certificates.database.run
        await certificates.look_again()
        rows = tuple(rows_of(keystore))
        await run(lambda db: put_keystore_rows(db, rows, SEALER))
        key = {"key": keystore.key_pem().decode()}
        await run(
            lambda db: db.execute(text("UPDATE keystore SET key = :key WHERE key IS NOT NULL"), key)
        )
        await certificates.look_again()
        served = await certificates.served()
        assert served.pem == keystore.pem()
        await run(lambda db: put_keystore_rows(db, rows[:2], SEALER))
        await certificates.look_again()
        assert await certificates.served() == served

    with_certificates(tmp_path, scenario)
    assert "there is no row CPVMCertificate" in caplog.text


def test_another_key_takes_a_new_upload(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keystore = made_keystore()

    async def upload(certificates: Certificates) -> None:
        for row in rows_of(keystore):
            await certificates.upload(row)

    async def under_another(certificates: Certificates) -> None:
        await certificates.look_again()
        with pytest.raises(KeystoreInvalid, match="was sealed under key"):
            await certificates.served()
        root, _, server = rows_of(keystore)
        with pytest.raises(KeystoreInvalid, match="upload the server certificate"):
            await certificates.upload(root)
        await certificates.upload(server)
        assert (await certificates.served()).pem == keystore.pem()

    with_certificates(tmp_path, upload)
    with_certificates(tmp_path, under_another, Sealer.of(new_key()))
    assert "keystore in the database" in caplog.text


def test_pem_is_read_back(tmp_path: Path) -> None:
    keystore = made_keystore()
    again = parse_keystore([("pem", keystore.pem())])
    assert again.certificate == keystore.certificate
    assert (again.intermediates, again.roots) == (keystore.intermediates, keystore.roots)
    assert again.key_pem() == keystore.key_pem()


def test_dates_are_judged_by_the_given_clock(tmp_path: Path) -> None:
    async def scenario(certificates: Certificates) -> None:
        assert certificates.now() == datetime(2026, 1, 1, tzinfo=UTC)

    with_certificates(tmp_path, scenario)
