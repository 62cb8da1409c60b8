"""One key for another: all secrets of a database are sealed anew, and what is sealed under what.

While it goes on, and until the old key is taken away, both keys open; so nothing is lost wherever
it is interrupted, and it can be done again.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from consoleproxy.errors import SecretUnreadable
from consoleproxy.management.storage.schema import encryption
from consoleproxy.management.storage.sealed_columns import StoredSecret, stored_secrets
from consoleproxy.management.storage.sealing import Purpose, Sealer, key_id
from consoleproxy.management.storage.sealing_start import CANARY, prepare_secrets


@dataclass(frozen=True, slots=True)
class Survey:
    """What is sealed under what.

    Attributes:
        counts: how many secrets of a purpose are sealed under the key of that id; under "" are
            those that are not sealed, or only as older versions did it.
        canary: the id of the key that the database was last sealed under; empty: it never was.
        unreadable: secrets that do not open, each with its reason.
    """

    counts: Mapping[tuple[str, Purpose], int]
    canary: str
    unreadable: tuple[str, ...]


def rotate(db: Connection, sealer: Sealer, secret: str) -> Mapping[Purpose, int]:
    """Seal all secrets under the first key of ``sealer``; return how many were under another one.

    Those in the clear are sealed as well. What another server stores meanwhile under another key is
    not seen; ``survey`` finds it afterwards.

    Args:
        secret: ``consoleproxy.management.secret``, which older versions sealed with.

    Raises:
        SettingsInvalid: there are some that were sealed under a key that is not given.
        SecretUnreadable: one does not open for another reason. In either case nothing has changed.
    """
    done = Counter(prepare_secrets(db, sealer, secret))
    key = sealer.ring.keys[0].id
    for stored in stored_secrets(db):
        if stored.key_id in ("", key):
            continue
        purpose = stored.column.purpose
        text = sealer.seal(_opened(stored, sealer), purpose, stored.bound_to)
        done[purpose] += stored.replace(db, text)
    canary = sealer.seal(CANARY, Purpose.CANARY, CANARY)
    db.execute(update(encryption).values(canary=canary))
    return +done


def survey(db: Connection, sealer: Sealer) -> Survey:
    """Return what the secrets of a database are sealed under, and whether they open."""
    counts: Counter[tuple[str, Purpose]] = Counter()
    unreadable = []
    for stored in stored_secrets(db):
        counts[stored.key_id, stored.column.purpose] += 1
        if not stored.key_id:
            continue
        try:
            _opened(stored, sealer)
        except SecretUnreadable as fault:
            unreadable.append(fault.cause)
    canary = db.execute(select(encryption.c.canary)).scalar_one_or_none()
    return Survey(counts, key_id(str(canary or "")), tuple(unreadable))


def _opened(stored: StoredSecret, sealer: Sealer) -> str:
    column = stored.column
    try:
        return sealer.unseal(stored.text, column.purpose, stored.bound_to)
    except SecretUnreadable as fault:
        raise SecretUnreadable(
            f"{column.column.table.name} {stored.bound_to}: {fault.cause}"
        ) from None
