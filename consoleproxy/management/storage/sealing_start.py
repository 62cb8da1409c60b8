"""What a management server does with the secrets in its database before it uses them.

Older databases have them in the clear, or sealed as ``sealing.AT_REST``. No revision of
``migrations`` seals them: these have no key, and run once, while a copy of an older database, or a
row that somebody wrote with SQL, may come in at any time. So each start looks at all secrets.
"""

import logging
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, select

from consoleproxy.errors import SecretUnreadable, SettingsInvalid
from consoleproxy.management.storage.schema import encryption
from consoleproxy.management.storage.sealed_columns import StoredSecret, stored_secrets
from consoleproxy.management.storage.sealing import (
    AT_REST,
    Purpose,
    Sealer,
    is_sealed,
    key_id,
    unseal,
)
from consoleproxy.management.storage.upsert import insert_or_keep

_log = logging.getLogger(__name__)

CANARY = "consoleproxy"
# The table has one row.
_ROW = 1
_IN_THE_CLEAR = "-----BEGIN"
_ONCE_SEALED = (Purpose.PRIVATE_KEY, Purpose.SERVED_KEYSTORE)


def prepare_secrets(db: Connection, sealer: Sealer, secret: str) -> Mapping[Purpose, int]:
    """See that all secrets open, and seal those that are in the clear; return how many these were.

    Of several servers, one does it at a time.

    Args:
        secret: ``consoleproxy.management.secret``, which older versions sealed with.

    Raises:
        SettingsInvalid: there are some that were sealed under a key that is not given, or in
            another way. Nothing has changed.
    """
    lock_secrets(db, sealer)
    sealed: Counter[Purpose] = Counter()
    missing: Counter[str] = Counter()
    for stored in stored_secrets(db):
        purpose = stored.column.purpose
        if is_sealed(stored.text):
            name = stored.key_id or "unknown"
            missing[name] += sealer.ring.find(name) is None
        elif (plain := _plain(stored, secret)) is not None:
            sealed[purpose] += stored.replace(db, sealer.seal(plain, purpose, stored.bound_to))
    refuse_missing(+missing, sealer)
    return +sealed


def lock_secrets(db: Connection, sealer: Sealer) -> None:
    """Let nobody else prepare or rotate secrets before the end of this transaction.

    Raises:
        SettingsInvalid: the database was sealed under a key that is not given.
    """
    canary = sealer.seal(CANARY, Purpose.CANARY, CANARY)
    insert_or_keep(db, encryption, {"id": _ROW, "canary": canary})
    row = select(encryption.c.canary).where(encryption.c.id == _ROW).with_for_update()
    found = str(db.execute(row).scalar_one())
    try:
        sealer.unseal(found, Purpose.CANARY, CANARY)
    except SecretUnreadable:
        refuse_missing({key_id(found) or "unknown": 1}, sealer)


def refuse_missing(missing: Mapping[str, int], sealer: Sealer) -> None:
    """Refuse a database in which secrets were sealed under keys that are not given.

    Args:
        missing: how many there are of each key.

    Raises:
        SettingsInvalid: there are any.
    """
    if not missing:
        return
    counts = ", ".join(f"{count} under key {name}" for name, count in sorted(missing.items()))
    given = ", ".join(key.id for key in sealer.ring.keys)
    raise SettingsInvalid(
        [
            f"consoleproxy.manage.database holds secrets that were sealed under another key than "
            f"what is given ({counts}; given: {given}): add it to "
            "consoleproxy.manage.encryption.key.file or consoleproxy.manage.encryption.key, or "
            "where there was none, start with the consoleproxy.management.secret of before. "
            "Nothing was changed. docs/SECRETS.md says more"
        ]
    )


def _plain(stored: StoredSecret, secret: str) -> str | None:
    """Return a secret that is not sealed as ``Sealer`` does; ``None`` where it cannot be read."""
    if stored.column.purpose not in _ONCE_SEALED or stored.text.lstrip().startswith(_IN_THE_CLEAR):
        return stored.text
    try:
        return unseal(stored.text, secret, AT_REST, stored.bound_to).decode()
    except ValueError as error:
        # An upload takes its place; the rest of the database is no worse for it.
        _log.warning("the %s %s stays as it is: %s", stored.column.purpose, stored.bound_to, error)
        return None
