"""Certificates in the database: CloudStack's table ``keystore``, and what CPVMs serve of it.

Private keys are sealed, each bound to its row. One that stands there in the clear, as somebody may
copy it in with SQL, is taken, and sealed at the next start or when its row is written again.
"""

import hashlib

from sqlalchemy import Connection, delete, select

from consoleproxy.errors import KeystoreInvalid, SecretUnreadable
from consoleproxy.keystore.rows import KeystoreRow
from consoleproxy.management.channel.hand_over import HandedKeystore
from consoleproxy.management.storage.schema import TEXT_BYTES, keystore, served_keystore
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.upsert import insert_or_keep, insert_or_update

_IN_THE_CLEAR = "-----BEGIN"
# The table has one row.
_SERVED = 1


def keystore_rows(db: Connection, sealer: Sealer, without: str = "") -> tuple[KeystoreRow, ...]:
    """Return the rows in the order in which they came.

    Args:
        without: name of a row that is left out, e.g. as it is replaced.

    Raises:
        KeystoreInvalid: a private key was sealed under another key.
    """
    query = select(keystore).where(keystore.c.name != without).order_by(keystore.c.id)
    return tuple(
        KeystoreRow(
            name=row.name,
            certificate=row.certificate,
            key=_opened(row.key, sealer, Purpose.PRIVATE_KEY, row.name) if row.key else None,
            domain_suffix=row.domain_suffix,
            seq=row.seq,
        )
        for row in db.execute(query)
    )


def put_keystore_rows(db: Connection, rows: tuple[KeystoreRow, ...], sealer: Sealer) -> None:
    """Let the table have these rows and no others.

    Raises:
        KeystoreInvalid: one does not fit in.
    """
    db.execute(delete(keystore).where(keystore.c.name.not_in([row.name for row in rows])))
    for row in rows:
        values = {
            "name": row.name,
            "certificate": row.certificate,
            "key": sealer.seal(row.key, Purpose.PRIVATE_KEY, row.name) if row.key else None,
            "domain_suffix": row.domain_suffix,
            "seq": row.seq,
        }
        if any(len(str(value).encode()) > TEXT_BYTES for value in values.values()):
            raise KeystoreInvalid(
                f"what is to be stored as {row.name} is longer than {TEXT_BYTES} bytes: upload the "
                "certificates of a chain one by one"
            )
        insert_or_update(db, keystore, "name", values)


def lock_keystore(db: Connection) -> None:
    """Let nobody else change the keystore before the end of this transaction."""
    insert_or_keep(db, served_keystore, {"id": _SERVED, "version": "", "pem": ""})
    row = select(served_keystore.c.id).where(served_keystore.c.id == _SERVED)
    db.execute(row.with_for_update())


def served_version(db: Connection) -> str:
    """Return the version of the keystore that CPVMs serve; empty if there is none."""
    query = select(served_keystore.c.version).where(served_keystore.c.id == _SERVED)
    return str(db.execute(query).scalar_one_or_none() or "")


def served(db: Connection, sealer: Sealer) -> HandedKeystore:
    """Return the keystore that CPVMs serve.

    Raises:
        KeystoreInvalid: it was sealed under another key.
    """
    query = select(served_keystore.c.version, served_keystore.c.pem)
    row = db.execute(query.where(served_keystore.c.id == _SERVED)).one_or_none()
    if row is None or not row.version:
        return HandedKeystore()
    pem = _opened(row.pem, sealer, Purpose.SERVED_KEYSTORE, row.version)
    return HandedKeystore(row.version, pem.encode())


def serve(db: Connection, pem: bytes, sealer: Sealer) -> str:
    """Have CPVMs serve this keystore from now on; return its version."""
    version = hashlib.sha256(pem).hexdigest()[:32] if pem else ""
    sealed = sealer.seal(pem.decode(), Purpose.SERVED_KEYSTORE, version)
    insert_or_update(db, served_keystore, "id", {"id": _SERVED, "version": version, "pem": sealed})
    return version


def _opened(text: str, sealer: Sealer, purpose: Purpose, bound_to: str) -> str:
    if text.lstrip().startswith(_IN_THE_CLEAR):
        return text
    try:
        return sealer.unseal(text, purpose, bound_to)
    except SecretUnreadable as error:
        raise KeystoreInvalid(
            f"the private key in the database cannot be read: {error}; or upload the server "
            "certificate with its key again"
        ) from None
